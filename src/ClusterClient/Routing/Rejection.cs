// Reads an error reply: which row of the redirect table it is, and where it points.
using System.Buffers.Text;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>An error reply as the router sees it.</summary>
/// <param name="Kind">The row of the redirect table.</param>
/// <param name="Slot">The slot a MOVED or ASK names; −1 otherwise.</param>
/// <param name="Host">The host it points to; empty means the node that answered, <c>?</c> that the server does not know it.</param>
/// <param name="Port">The port it points to.</param>
internal readonly record struct Rejection(RejectionKind Kind, int Slot = -1, string Host = "", int Port = 0)
{
    private static readonly Rejection _final = new(RejectionKind.Final);

    /// <summary>Reads an error line.</summary>
    /// <param name="error">The line without its type byte.</param>
    /// <param name="command">The command it answers.</param>
    /// <param name="slot">The slot the command was sent to; negative when it has none.</param>
    internal static Rejection Read(ReadOnlySpan<byte> error, CommandInfo command, int slot = -1)
    {
        Rejection rejection = Classify(error);
        if (rejection.Kind == RejectionKind.Final) return rejection;

        // EXEC and its kin answer for a whole transaction: the one command must not be sent again by itself.
        if (command.Name is "EXEC") return new(RejectionKind.TransactionDiscarded);

        // A script can raise any text. Only the servers' own words, which they say before it starts, count as not executed.
        if (command.Is(CommandFlags.Script) && (!IsServersOwnText(error, rejection.Kind) || (slot >= 0 && rejection.Slot >= 0 && rejection.Slot != slot))) return _final;
        return rejection;
    }

    /// <summary>
    /// What an error that is surfaced tells of the command's effect. What is refused changed nothing, but a script that raised an error may
    /// have written before it did, whatever code it chose: only the words of a server that did not start it count.
    /// </summary>
    internal Outcome FinalOutcome(ReadOnlySpan<byte> error, CommandInfo command)
        => Kind != RejectionKind.Final || !command.Is(CommandFlags.Script) || NeverStarted(error) ? Outcome.Rejected : Outcome.PartlyExecuted;

    private static bool NeverStarted(ReadOnlySpan<byte> error)
        => error.SequenceEqual("NOSCRIPT No matching script. Please use EVAL."u8)
        || error.SequenceEqual("NOAUTH Authentication required."u8)
        || error.SequenceEqual("CROSSSLOT Keys in request don't hash to the same slot"u8)
        || error.SequenceEqual("ERR Function not found"u8)
        || error.SequenceEqual("NOPERM No permissions to access a key"u8)
        || error.SequenceEqual("NOPERM this user has no permissions to access one of the keys used as arguments"u8)
        || IsBetween(error, "NOPERM this user has no permissions to run the '"u8, "' command"u8)
        || IsBetween(error, "NOPERM User "u8, "' command"u8)
        || IsBetween(error, "ERR wrong number of arguments for '"u8, "' command"u8);

    private static bool IsBetween(ReadOnlySpan<byte> error, ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
        => error.Length > start.Length + end.Length && error.StartsWith(start) && error.EndsWith(end);

    private static Rejection Classify(ReadOnlySpan<byte> error)
    {
        int space = error.IndexOf((byte)' ');
        ReadOnlySpan<byte> code = space < 0 ? error : error[..space];
        ReadOnlySpan<byte> rest = space < 0 ? default : error[(space + 1)..];
        return code.Length switch
        {
            3 when code.SequenceEqual("ASK"u8) => ReadSlotTarget(RejectionKind.Ask, rest),
            4 when code.SequenceEqual("BUSY"u8) => new(RejectionKind.TryLater),
            5 when code.SequenceEqual("MOVED"u8) => ReadSlotTarget(RejectionKind.Moved, rest),
            7 when code.SequenceEqual("LOADING"u8) => new(RejectionKind.TryLater),
            8 when code.SequenceEqual("TRYAGAIN"u8) => new(RejectionKind.TryLater),
            8 when code.SequenceEqual("READONLY"u8) => new(RejectionKind.ReadOnly),
            8 when code.SequenceEqual("REDIRECT"u8) => ReadTarget(RejectionKind.Redirect, -1, rest),
            9 when code.SequenceEqual("EXECABORT"u8) => new(RejectionKind.TransactionDiscarded),
            9 when code.SequenceEqual("UNBLOCKED"u8) => new(RejectionKind.Unblocked),
            10 when code.SequenceEqual("NOREPLICAS"u8) => new(RejectionKind.TryLater),
            10 when code.SequenceEqual("MASTERDOWN"u8) => new(RejectionKind.MasterDown),
            11 when code.SequenceEqual("CLUSTERDOWN"u8) => new(RejectionKind.ClusterDown),
            _ => _final,
        };
    }

    private static Rejection ReadSlotTarget(RejectionKind kind, ReadOnlySpan<byte> rest)
        => Utf8Parser.TryParse(rest, out int slot, out int length) && slot is >= 0 and < HashSlot.Count && length < rest.Length && rest[length] == ' '
            ? ReadTarget(kind, slot, rest[(length + 1)..])
            : _final;

    private static Rejection ReadTarget(RejectionKind kind, int slot, ReadOnlySpan<byte> target)
    {
        // The port stands behind the last colon: servers write IPv6 addresses without brackets.
        int colon = target.LastIndexOf((byte)':');
        if (colon < 0 || !Utf8Parser.TryParse(target[(colon + 1)..], out int port, out int length)
            || length != target.Length - colon - 1 || port is < 0 or > 65535)
        {
            return _final;
        }

        ReadOnlySpan<byte> host = target[..colon];
        if (host.Length > 1 && host[0] == '[' && host[^1] == ']') host = host[1..^1];
        return new(kind, slot, Encoding.UTF8.GetString(host), port);
    }

    /// <summary>
    /// Whether the words are those a server says before a script starts. Errors from inside carry other words, or the same with the
    /// script's name behind them ("script: …, on @user_script:1.").
    /// </summary>
    private static bool IsServersOwnText(ReadOnlySpan<byte> error, RejectionKind kind)
    {
        if (kind is RejectionKind.Moved or RejectionKind.Ask or RejectionKind.Redirect) return true;
        return error.SequenceEqual("TRYAGAIN Multiple keys request during rehashing of slot"u8)
            || error.SequenceEqual("CLUSTERDOWN The cluster is down"u8)
            || error.SequenceEqual("CLUSTERDOWN The cluster is down and only accepts read commands"u8)
            || error.SequenceEqual("CLUSTERDOWN Hash slot not served"u8)
            || error.SequenceEqual("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."u8)
            || error.SequenceEqual("NOREPLICAS Not enough good replicas to write."u8)
            || error.SequenceEqual("READONLY You can't write against a read only replica."u8)
            || IsNamed(error, "LOADING "u8, " is loading the dataset in memory"u8)
            || IsNamed(error, "BUSY "u8, " is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."u8)
            || IsNamed(error, "BUSY "u8, " is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."u8);
    }

    /// <summary>Redis and Valkey say the same, each under its own name.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> error, ReadOnlySpan<byte> start, ReadOnlySpan<byte> end)
        => IsBetween(error, start, end) && error[start.Length..^end.Length] is var name
        && (name.SequenceEqual("Redis"u8) || name.SequenceEqual("Valkey"u8));
}
