// SCAN as the servers do it: a walk in an order that the process' own seed decides.
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>The cursor is the hash of the last key given, so that what is there all the time is given, and a cursor of another seed leaves keys out.</summary>
internal static class FakeScan
{
    public static FakeAnswer Answer(FakeCommand command, IEnumerable<string> keys, int seed)
    {
        ulong cursor = ulong.Parse(command[1], CultureInfo.InvariantCulture);
        int count = int.Parse(Option(command, "COUNT") ?? "10", CultureInfo.InvariantCulture);
        Regex pattern = new("^" + Regex.Escape(Option(command, "MATCH") ?? "*").Replace("\\*", ".*", StringComparison.Ordinal) + "$");
        (ulong Hash, string Key)[] next = [.. keys.Select(key => (Hash(key, seed), key)).Where(pair => pair.Item1 > cursor).Order().Take(count + 1)];
        ulong goesOn = next.Length > count ? next[count - 1].Hash : 0;
        RedisValue[] found = [.. next.Take(count).Where(pair => pattern.IsMatch(pair.Key)).Select(static pair => (RedisValue)pair.Key)];
        FakeAnswer list = FakeAnswer.Bulks(found);
        return FakeAnswer.Raw("*2\r\n").Then(FakeAnswer.Bulk(goesOn.ToString(CultureInfo.InvariantCulture))).Then(list);
    }

    private static string? Option(FakeCommand command, string name)
    {
        for (int i = 2; i + 1 < command.Count; i += 2)
        {
            if (string.Equals(command[i], name, StringComparison.OrdinalIgnoreCase)) return command[i + 1];
        }

        return null;
    }

    private static ulong Hash(string key, int seed)
    {
        ulong hash = 14695981039346656037 ^ ((ulong)seed * 0x9E3779B97F4A7C15);
        foreach (byte one in Encoding.UTF8.GetBytes(key)) hash = (hash ^ one) * 1099511628211;
        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9;
        return hash | 1;
    }
}
