// Where a scan goes on: opaque, and as text to be kept and handed on.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Scanning;

namespace ClusterClient;

/// <summary>
/// Where a scan goes on. Opaque; <see cref="ToString"/> gives a text of some 200 characters (more while slots are scattered) that another process, with another client of the
/// same deployment, can <see cref="Parse"/> and go on with. It stays good over failovers, resharding and restarts: what has become uncertain is read again. The
/// default value is the beginning.
/// </summary>
public readonly struct ScanCursor : IEquatable<ScanCursor>
{
    private readonly ScanState? _state;

    internal ScanCursor(ScanState state) => _state = state;

    /// <summary>The beginning.</summary>
    public static ScanCursor Start => default;

    /// <summary>Whether every key has been given.</summary>
    public bool IsFinished => _state is { } state && state.Covered.Count == HashSlot.Count;

    /// <summary>How much of the deployment is done for sure, from 0 to 1, in slots. Outside a cluster there is but one step.</summary>
    public double Progress => (_state?.Covered.Count ?? 0) / (double)HashSlot.Count;

    internal ScanState? State => _state;

    /// <summary>Reads what <see cref="ToString"/> gave; null and the empty text are the beginning.</summary>
    /// <exception cref="FormatException">It is not the text of a cursor, or not the whole of it.</exception>
    public static ScanCursor Parse(string? text)
        => TryParse(text, out ScanCursor cursor) ? cursor : throw new FormatException("This is not the text of a ScanCursor, or not the whole of it: one character was lost or changed.");

    /// <summary>Reads what <see cref="ToString"/> gave.</summary>
    /// <param name="text">The text; null and the empty text are the beginning.</param>
    /// <param name="cursor">The cursor, or the beginning.</param>
    /// <returns>Whether it is the text of a cursor.</returns>
    public static bool TryParse([NotNullWhen(false)] string? text, out ScanCursor cursor)
    {
        cursor = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (ScanCursorText.TryRead(text) is not { } state) return false;
        cursor = new(state);
        return true;
    }

    /// <summary>The cursor as text: letters, digits, '-' and '_'. Empty for the beginning.</summary>
    public override string ToString() => _state is { } state ? ScanCursorText.Write(state) : string.Empty;

    /// <inheritdoc/>
    public bool Equals(ScanCursor other) => string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ScanCursor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether both stand at the same place.</summary>
    public static bool operator ==(ScanCursor left, ScanCursor right) => left.Equals(right);

    /// <summary>Whether they stand at different places.</summary>
    public static bool operator !=(ScanCursor left, ScanCursor right) => !left.Equals(right);
}
