// Where two strings have their longest common subsequence.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>One run of bytes that both strings have.</summary>
/// <param name="FirstIndex">Where it starts in the first string.</param>
/// <param name="SecondIndex">Where it starts in the second string.</param>
/// <param name="Length">How many bytes it has.</param>
public readonly record struct LcsMatch(long FirstIndex, long SecondIndex, long Length);

/// <summary>The longest common subsequence of two strings, as runs of equal bytes.</summary>
/// <param name="Matches">The runs, last one first.</param>
/// <param name="Length">The length of the whole subsequence in bytes, runs that were left out as too short included.</param>
public sealed record LcsMatches(IReadOnlyList<LcsMatch> Matches, long Length)
{
    internal static readonly ReplyParser<LcsMatches> Reply = Replies.Create(Read);

    // { matches: [ [ [start, end], [start, end], length ] … ], len: n }, a flat array of the four in RESP2.
    private static LcsMatches Read(ref RespReader reader)
    {
        if (!reader.IsAggregate) throw Unexpected.Reply(reader, "the matches of LCS");
        LcsMatch[] matches = [];
        long length = 0;
        for (int fields = reader.Count / 2; fields > 0; fields--)
        {
            reader.Read();
            bool isMatches = reader.Span.SequenceEqual("matches"u8);
            bool isLength = reader.Span.SequenceEqual("len"u8);
            reader.Read();
            if (isMatches) matches = ReadMatches(ref reader);
            else if (isLength) length = reader.ReadInt64();
            else reader.SkipChildren();
        }

        return new LcsMatches(matches, length);
    }

    private static LcsMatch[] ReadMatches(ref RespReader reader)
    {
        var matches = new LcsMatch[reader.Count];
        for (int i = 0; i < matches.Length; i++)
        {
            reader.Read();
            long first = ReadStart(ref reader);
            long second = ReadStart(ref reader);
            reader.Read();
            matches[i] = new LcsMatch(first, second, reader.ReadInt64());
        }

        return matches;
    }

    private static long ReadStart(ref RespReader reader)
    {
        reader.Read();
        if (reader.Count != 2) throw Unexpected.Reply(reader, "a pair of positions");
        reader.Read();
        long start = reader.ReadInt64();
        reader.Read();
        return start;
    }
}
