// Where a command's keys stand among its arguments.
namespace ClusterClient.Protocol;

/// <summary>
/// Where a command's keys stand, counted over the arguments behind the command's name (the first argument is 0).
/// The same facts as a <c>COMMAND INFO</c> entry, shifted by the name.
/// </summary>
/// <param name="First">Index of the first key; −1 when there is none.</param>
/// <param name="Last">Index of the last key; negative counts from the end (−1 is the last argument).</param>
/// <param name="Step">Distance from one key to the next.</param>
/// <param name="CountAt">Index of an argument holding the number of keys, which then start at <paramref name="First"/>; −1 when the command has none.</param>
public readonly record struct KeySpec(int First, int Last, int Step, int CountAt = -1)
{
    /// <summary>No keys.</summary>
    public static KeySpec None { get; } = new(-1, -1, 1);

    /// <summary>One key, the first argument.</summary>
    public static KeySpec Single { get; } = new(0, 0, 1);

    /// <summary>Every argument is a key.</summary>
    public static KeySpec All { get; } = new(0, -1, 1);

    /// <summary>Whether the command has keys at known places.</summary>
    public bool HasKeys => First >= 0;
}
