// Whatever is written reads back, in whatever pieces it comes.
using System.Buffers;
using ClusterClient.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RoundTripTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void WhatIsWrittenReadsBack() =>
        Check.One(s_config, Prop.ForAll(RespNode.Replies, static node => node.AssertEqual(Scan.Tree(Written(node)))));

    [Fact]
    public void PushesReadBack() =>
        Check.One(s_config, Prop.ForAll(RespNode.Pushes, static node => node.AssertEqual(Scan.Tree(Written(node)))));

    [Fact]
    public void EveryProperPrefixIsIncomplete() =>
        Check.One(s_config, Prop.ForAll(RespNode.Replies, static node =>
        {
            byte[] bytes = Written(node);
            var resumed = new RespFrameScanner(RespLimits.Default);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(resumed.TryScan(bytes.AsSpan(0, length), out _));
                Assert.InRange(resumed.NeededLength, 1, bytes.Length);
                if (length % 7 == 0)
                {
                    Assert.Equal(-1, Scan.Length(bytes.AsSpan(0, length)));
                }
            }

            Assert.True(resumed.TryScan(bytes, out int end));
            Assert.Equal(bytes.Length, end);
            Assert.Equal(node.Type, resumed.FrameType);
        }));

    [Fact]
    public void FramesThatFollowEachOtherAreToldApart() =>
        Check.One(s_config, Prop.ForAll(RespNode.Replies, RespNode.Replies, static (first, second) =>
        {
            byte[] bytes = [.. Written(first), .. Written(second)];
            int length = Scan.Length(bytes);
            first.AssertEqual(Scan.Tree(bytes.AsSpan(0, length)));
            second.AssertEqual(Scan.Tree(bytes.AsSpan(length)));

            var reader = new RespReader(bytes);
            Assert.True(reader.Skip());
            Assert.True(reader.Read());
            second.AssertEqual(reader.ReadTree());
            Assert.False(reader.Skip());
        }));

    [Fact]
    public void WalkingMeetsAsManyElementsAsTheTreeHas() =>
        Check.One(s_config, Prop.ForAll(RespNode.Replies, static node =>
        {
            var reader = new RespReader(Written(node));
            int met = 0;
            while (reader.Read())
            {
                met++;
            }

            Assert.Equal(CountOf(node), met);

            static int CountOf(RespNode n) => 1 + n.Items.Sum(CountOf);
        }));

    [Fact]
    public void SequencesOfAnySegmentsReadAlike() =>
        Check.One(s_config, Prop.ForAll(RespNode.Replies, Gen.Choose(1, 9).ToArbitrary(), static (node, size) =>
        {
            byte[] frame = Written(node);
            byte[] bytes = [.. frame, .. "+next\r\n"u8];
            ReadOnlySequence<byte> sequence = Segments.Of(bytes, size);
            Assert.True(RespParser.TryParse(ref sequence, out RespValue value));
            node.AssertEqual(value);
            Assert.Equal(bytes.Length - frame.Length, sequence.Length);

            ReadOnlySequence<byte> part = Segments.Of(frame[..^1], size);
            Assert.False(RespParser.TryParse(ref part, out _));
            Assert.Equal(frame.Length - 1, part.Length);

            // In pieces, each of several segments: what is consumed is not shown again.
            using var parser = new RespParser();
            int parsed = 0;
            foreach (byte[] piece in bytes.Chunk(5 * size))
            {
                sequence = Segments.Of(piece, size);
                while (parser.TryRead(ref sequence, out value))
                {
                    if (parsed++ == 0)
                    {
                        node.AssertEqual(value);
                    }
                }

                Assert.True(sequence.IsEmpty);
            }

            Assert.Equal(2, parsed);
            Assert.Equal("next", value.AsString() ?? "next");
        }));

    private static byte[] Written(RespNode node)
    {
        var writer = new ArrayBufferWriter<byte>();
        node.Write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
