// Which arguments of one command are keys.
namespace ClusterClient.Protocol;

/// <summary>
/// Which arguments of a command are keys: a run of evenly spaced ones and perhaps one that stands apart (the destination
/// of <c>ZUNIONSTORE</c>, the <c>STORE</c> key of <c>SORT</c>). A value; enumerating it allocates nothing.
/// </summary>
public readonly struct KeyPositions : IEquatable<KeyPositions>
{
    private readonly int _first;
    private readonly int _run;
    private readonly int _step;
    private readonly int _apart;

    internal KeyPositions(int first, int run, int step, int apart = -1)
    {
        _first = first;
        _run = run;
        _step = step;
        _apart = apart;
    }

    /// <summary>No keys.</summary>
    public static KeyPositions None => default;

    /// <summary>How many keys there are.</summary>
    public int Count => _run + (_run > 0 && _apart >= 0 ? 1 : 0);

    /// <summary>The index of an argument that is a key; the one that stands apart comes last.</summary>
    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    /// <returns>An index for <see cref="Command"/>'s indexer.</returns>
    public int this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index));
            return index < _run ? _first + (index * _step) : _apart;
        }
    }

    /// <inheritdoc/>
    public bool Equals(KeyPositions other) =>
        _first == other._first && _run == other._run && _step == other._step && _apart == other._apart;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyPositions other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _run, _step, _apart);

    /// <summary>Whether two commands have their keys at the same places.</summary>
    public static bool operator ==(KeyPositions left, KeyPositions right) => left.Equals(right);

    /// <summary>Whether two commands have their keys at different places.</summary>
    public static bool operator !=(KeyPositions left, KeyPositions right) => !left.Equals(right);
}
