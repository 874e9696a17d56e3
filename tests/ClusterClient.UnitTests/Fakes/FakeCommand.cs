// A command as a fake server received it.
using System.Text;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>One command as it stood on the wire.</summary>
/// <param name="Connection">The connection it came on.</param>
/// <param name="Order">Its number among all commands of the server, from 0; within a connection in the order of the wire.</param>
/// <param name="Words">Name and arguments.</param>
/// <param name="Length">How many bytes it took on the wire.</param>
internal sealed record FakeCommand(FakeConnection Connection, long Order, byte[][] Words, int Length)
{
    /// <summary>The first word in upper case.</summary>
    public string Name { get; } = Encoding.Latin1.GetString(Words[0]).ToUpperInvariant();

    /// <summary>The second word in upper case: the subcommand of CLUSTER, CLIENT, COMMAND.</summary>
    public string Subcommand => Words.Length > 1 ? this[1].ToUpperInvariant() : string.Empty;

    public int Count => Words.Length;

    /// <summary>A word as text.</summary>
    public string this[int index] => Encoding.Latin1.GetString(Words[index]);

    public bool Is(string name) => string.Equals(Name, name, StringComparison.Ordinal);

    public override string ToString() => $"#{Connection.Number}: {string.Join(' ', Words.Select(static word => word.Length > 40 ? $"({word.Length} bytes)" : Encoding.Latin1.GetString(word)))}";
}
