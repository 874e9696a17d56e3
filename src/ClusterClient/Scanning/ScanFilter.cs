// What a scan looks for.
using System.Text;
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient.Scanning;

internal sealed class ScanFilter
{
    private static readonly CommandInfo Scan = CommandTable.Get("SCAN");
    private static readonly RedisValue Match = Words.Of("MATCH");
    private static readonly RedisValue Count = Words.Of("COUNT");

    private readonly RedisValue _pattern;
    private readonly string? _type;
    private readonly int _count;

    /// <param name="pattern">A glob, or null for every key.</param>
    /// <param name="type">The only type wanted, or null.</param>
    /// <param name="count">How many keys a node looks at in one go.</param>
    /// <param name="database">The logical database that is scanned.</param>
    internal ScanFilter(RedisValue pattern, RedisType? type, int count, int database)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _pattern = pattern;
        _type = type is { } wanted ? RedisTypes.NameOf(wanted) : null;
        _count = count;
        byte[] bytes = pattern.IsNull ? [] : (byte[])pattern!;
        byte[] rest = Encoding.UTF8.GetBytes($"\n{_type}\n{database}");
        Mark = Crc16.Compute([.. bytes, .. rest]);
        Slots = ScanPattern.SlotOf(bytes) is { } slot ? SlotSet.Of([new(slot, slot)]) : SlotSet.All;
    }

    /// <summary>Tells cursors of one scan from those of another; not a secret's hash, only a guard against mistakes.</summary>
    internal ushort Mark { get; }

    /// <summary>Where keys can be that match.</summary>
    internal SlotSet Slots { get; }

    /// <summary>The next step of a node's scan.</summary>
    internal Command StepFrom(ulong cursor)
    {
        ArgumentList arguments = default;
        arguments.Add(cursor.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (!_pattern.IsNull) arguments.Add(Match, _pattern);
        arguments.Add(Count, _count);
        if (_type is not null) arguments.Add(Words.Type, _type);
        return arguments.ToCommand(Scan);
    }
}
