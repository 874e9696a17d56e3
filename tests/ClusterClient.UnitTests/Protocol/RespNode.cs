// Random replies for property tests: what they are, how they are written and what the reader has to give back.
using System.Buffers;
using System.Numerics;
using ClusterClient.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

internal sealed record RespNode(RespType Type, object? Payload, RespNode[] Items, bool Streamed = false, RespNode[]? Attributes = null)
{
    private static readonly object s_noScalar = new();
    private static readonly RespType[] s_aggregates = [RespType.Array, RespType.Set, RespType.Map];

    internal static Arbitrary<RespNode> Replies => Gen.Sized(size => Node(Math.Min(size, 40))).ToArbitrary();

    private static Gen<byte[]> SomeBytes =>
        Gen.OneOf(
            Gen.Constant(Array.Empty<byte>()),
            Gen.ArrayOf(Gen.Choose(0, 255)).Select(static ints => Array.ConvertAll(ints, static i => (byte)i)),
            Gen.Elements("\r\n", "$5\r\n", "123", "-1", "\0").Select(Scan.Bytes));

    private static Gen<string> Line =>
        Gen.ArrayOf(Gen.Elements("abcÄ€\n \"\0😀".EnumerateRunes().Where(static r => r.Value != '\n').ToArray()))
            .Select(static runes => string.Concat(runes));

    private static Gen<long> Integers =>
        Gen.OneOf(
            Gen.Choose(-1000, 1000).Select(static i => (long)i),
            Gen.Elements(long.MinValue, long.MaxValue, 0L),
            from high in Gen.Choose(int.MinValue, int.MaxValue) from low in Gen.Choose(0, int.MaxValue) select ((long)high << 32) | (uint)low);

    private static Gen<double> Doubles =>
        Gen.OneOf(
            Gen.Elements(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, double.MaxValue, double.Epsilon, 1e15, 1e16, 0.1),
            Integers.Select(static bits => BitConverter.Int64BitsToDouble(bits)).Where(static d => !double.IsNaN(d)));

    private static Gen<RespNode> Scalar =>
        Gen.OneOf(
            Line.Select(static t => new RespNode(RespType.SimpleString, t, [])),
            Line.Select(static t => new RespNode(RespType.Error, t, [])),
            Integers.Select(static i => new RespNode(RespType.Integer, i, [])),
            SomeBytes.Select(static b => new RespNode(RespType.BulkString, b, [])),
            SomeBytes.Select(static b => new RespNode(RespType.BulkString, b, [], Streamed: true)),
            Gen.Elements(RespType.BulkString, RespType.Array, RespType.Null).Select(static t => new RespNode(t, null, [])),
            Doubles.Select(static d => new RespNode(RespType.Double, d, [])),
            Gen.Elements(true, false).Select(static b => new RespNode(RespType.Boolean, b, [])),
            SomeBytes.Select(static b => new RespNode(RespType.BlobError, b, [])),
            SomeBytes.Select(static b => new RespNode(RespType.VerbatimString, b, [])),
            (from a in Integers from b in Integers from c in Integers select new RespNode(RespType.BigNumber, (BigInteger)a * b * c, [])));

    internal void Write(IBufferWriter<byte> writer)
    {
        if (Attributes is not null)
        {
            RespWriter.WriteAttributeHeader(writer, Attributes.Length / 2);
            Array.ForEach(Attributes, a => a.Write(writer));
        }

        switch (Type, Payload)
        {
            case (RespType.SimpleString, string text): RespWriter.WriteSimpleString(writer, text); break;
            case (RespType.Error, string text): RespWriter.WriteError(writer, text); break;
            case (RespType.Integer, long value): RespWriter.WriteInteger(writer, value); break;
            case (RespType.BulkString, byte[] bytes) when Streamed: WriteChunks(writer, bytes); break;
            case (RespType.BulkString, byte[] bytes): RespWriter.WriteBulkString(writer, bytes); break;
            case (RespType.BulkString, null): RespWriter.WriteNullBulkString(writer); break;
            case (RespType.Array, null): RespWriter.WriteNullArray(writer); break;
            case (RespType.Null, _): RespWriter.WriteNull(writer); break;
            case (RespType.Double, double value): RespWriter.WriteDouble(writer, value); break;
            case (RespType.Boolean, bool value): RespWriter.WriteBoolean(writer, value); break;
            case (RespType.BlobError, byte[] bytes): RespWriter.WriteBlobError(writer, bytes); break;
            case (RespType.VerbatimString, byte[] bytes): RespWriter.WriteVerbatimString(writer, "txt", bytes); break;
            case (RespType.BigNumber, BigInteger value): RespWriter.WriteBigNumber(writer, value); break;
            default: WriteAggregate(writer); break;
        }
    }

    internal void AssertEqual(RespValue actual)
    {
        Assert.Equal(Type, actual.Type);
        Assert.Equal(Attributes?.Length, actual.Attributes?.Count);
        for (int i = 0; i < Attributes?.Length; i++)
        {
            Attributes[i].AssertEqual(actual.Attributes!.Value[i]);
        }

        Assert.Equal(Items.Length, actual.Count);
        for (int i = 0; i < Items.Length; i++)
        {
            Items[i].AssertEqual(actual[i]);
        }

        Assert.Equal(Payload is null, actual.IsNull);
        switch (Payload)
        {
            case string text: Assert.Equal(text, actual.AsString()); break;
            case long value: Assert.Equal(value, actual.AsInt64()); break;
            case double value: Assert.Equal(value, actual.AsDouble()); break;
            case bool value: Assert.Equal(value, actual.AsBoolean()); break;
            case byte[] bytes: Assert.Equal(bytes, actual.AsBytes()); break;
            case BigInteger value: Assert.Equal(value.ToString(System.Globalization.CultureInfo.InvariantCulture), actual.AsString()); break;
        }
    }

    private static Gen<RespNode> Node(int size)
    {
        Gen<RespNode> plain = size <= 1
            ? Scalar
            : Gen.Frequency((3, Scalar), (2, Aggregate(size, s_aggregates)));
        return size <= 1
            ? plain
            : Gen.Frequency((9, plain), (1, from node in plain from pairs in Children(size / 2, 2) select node with { Attributes = pairs }));
    }

    private static Gen<RespNode> Aggregate(int size, RespType[] types) =>
        from type in Gen.Elements(types)
        from items in Children(size, type == RespType.Map ? 2 : 1)
        from streamed in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new RespNode(type, s_noScalar, items, streamed);

    private static Gen<RespNode[]> Children(int size, int step) =>
        from count in Gen.Choose(0, 4)
        from items in Gen.ArrayOf(Node(size / 3), count * step)
        select items;

    internal static Arbitrary<RespNode> Pushes =>
        (from items in Children(10, 1) select new RespNode(RespType.Push, s_noScalar, items)).ToArbitrary();

    private static void WriteChunks(IBufferWriter<byte> writer, byte[] bytes)
    {
        RespWriter.WriteChunkHeader(writer);
        foreach (byte[] chunk in bytes.Chunk(3))
        {
            RespWriter.WriteChunk(writer, chunk);
        }

        RespWriter.WriteChunkEnd(writer);
    }

    private void WriteAggregate(IBufferWriter<byte> writer)
    {
        switch (Type)
        {
            case var _ when Streamed: RespWriter.WriteStreamHeader(writer, Type); break;
            case RespType.Array: RespWriter.WriteArrayHeader(writer, Items.Length); break;
            case RespType.Set: RespWriter.WriteSetHeader(writer, Items.Length); break;
            case RespType.Push: RespWriter.WritePushHeader(writer, Items.Length); break;
            default: RespWriter.WriteMapHeader(writer, Items.Length / 2); break;
        }

        Array.ForEach(Items, item => item.Write(writer));
        if (Streamed)
        {
            RespWriter.WriteStreamEnd(writer);
        }
    }
}
