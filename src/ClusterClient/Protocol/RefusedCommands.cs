// Which commands the shared connection refuses, and what to use instead.
using System.Collections.Frozen;

namespace ClusterClient.Protocol;

// One connection carries the commands of all callers. What changes its state (database, user, protocol, tracking), what
// changes the number of replies, and what holds it back would hit all of them.
internal static class RefusedCommands
{
    private const string NotYetTransactions = "Transactions come with a later version of ClusterClient; a Lua script (EVAL) is atomic today.";
    private const string Subscriptions = "Use SubscribeAsync, SubscribePatternAsync or SubscribeShardedAsync of the client; dispose what they return to unsubscribe.";
    private const string NotYetLeased = "It needs a connection of its own; such commands on leased connections come with a later version of ClusterClient.";
    private const string Handshake = "The client does this itself when it connects";
    private const string Routing = "The client does this itself where a redirect or a replica needs it; WithReadFrom chooses who answers reads.";
    private const string Replication = "It turns the connection into a replication stream; use a tool of the server (redis-cli --rdb, a replica).";

    private static readonly FrozenDictionary<string, string> Advice = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AUTH"] = $"{Handshake}: set user and password in the connection string or a CredentialsProvider in the options.",
        ["HELLO"] = $"{Handshake}: the options choose the protocol, the user and the client name.",
        ["SELECT"] = $"{Handshake}: put the database into the connection string (redis://host:port/1) or the options; use one client a database.",
        ["RESET"] = "It would undo the handshake of a connection that others use.",
        ["QUIT"] = "Dispose the client instead.",
        ["ASKING"] = Routing,
        ["READONLY"] = Routing,
        ["READWRITE"] = Routing,
        ["CLIENT SETNAME"] = $"{Handshake}: set the client name in the connection string or the options.",
        ["CLIENT SETINFO"] = $"{Handshake}.",
        ["CLIENT CAPA"] = $"{Handshake}.",
        ["CLIENT REPLY"] = "Without replies, every other caller's reply would go to the wrong command.",
        ["CLIENT TRACKING"] = "Client-side caching comes with a later version of ClusterClient.",
        ["CLIENT CACHING"] = "Client-side caching comes with a later version of ClusterClient.",
        ["CLIENT NO-EVICT"] = NotYetLeased,
        ["CLIENT NO-TOUCH"] = NotYetLeased,
        ["CLIENT IMPORT-SOURCE"] = NotYetLeased,
        ["HIMPORT PREPARE"] = NotYetLeased,
        ["HIMPORT SET"] = NotYetLeased,
        ["HIMPORT DISCARD"] = NotYetLeased,
        ["HIMPORT DISCARDALL"] = NotYetLeased,
        ["MULTI"] = NotYetTransactions,
        ["EXEC"] = NotYetTransactions,
        ["DISCARD"] = NotYetTransactions,
        ["WATCH"] = NotYetTransactions,
        ["UNWATCH"] = NotYetTransactions,
        ["SUBSCRIBE"] = Subscriptions,
        ["UNSUBSCRIBE"] = Subscriptions,
        ["PSUBSCRIBE"] = Subscriptions,
        ["PUNSUBSCRIBE"] = Subscriptions,
        ["SSUBSCRIBE"] = Subscriptions,
        ["SUNSUBSCRIBE"] = Subscriptions,
        ["WATCHMS"] = NotYetTransactions,
        ["WATCHOS"] = NotYetTransactions,
        ["ASYNC"] = "Its replies come out of order, so that every other caller's reply would go to the wrong command.",
        ["MONITOR"] = "It turns the connection into an endless stream; use redis-cli MONITOR.",
        ["SYNC"] = Replication,
        ["PSYNC"] = Replication,
        ["REPLCONF"] = Replication,
        ["CLUSTER SYNCSLOTS"] = Replication,
        ["SCRIPT DEBUG"] = "The debugger needs a connection of its own; use redis-cli --ldb.",
        ["WAIT"] = "It holds back everybody's commands on that connection until the replicas have answered, and speaks of that connection's writes alone. Use the client's WaitAsync, which sends a write and its WAIT together on a leased connection.",
        ["WAITAOF"] = "It holds back everybody's commands on that connection until the disks have answered, and speaks of that connection's writes alone. Use the client's WaitAofAsync, which sends a write and its WAITAOF together on a leased connection.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Not commands but traps: the servers close a connection on which they appear, lest a browser be tricked into talking to them.
    private static readonly string[] HttpTraps = ["POST", "HOST:"];

    /// <summary>The commands that have advice of their own; the other blocking ones all need a leased connection.</summary>
    internal static IReadOnlyList<string> Advised => Advice.Keys;

    /// <summary>Whether the shared connection must not carry the command; cheap enough to be asked for each.</summary>
    internal static bool Refuses(in Command command)
    {
        const CommandFlags Suspicious = CommandFlags.ChangesConnection | CommandFlags.Blocking;
        return (command.Info.Flags & Suspicious) != CommandFlags.None && !IsHarmless(command);
    }

    /// <summary>Refuses the command, before anything of it is sent, if the shared connection must not carry it.</summary>
    /// <exception cref="NotSupportedException">The message says what to use instead.</exception>
    internal static void ThrowIfRefused(in Command command)
    {
        if (Refuses(command)) throw new NotSupportedException(Message(command.Info));
    }

    /// <summary>Refuses names that make a server hang up.</summary>
    internal static void ThrowIfTrap(string name)
    {
        if (HttpTraps.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new NotSupportedException($"{name} was not sent: the servers take it for an HTTP request and close the connection.");
        }
    }

    // XREAD and XREADGROUP hold the connection only when told to.
    private static bool IsHarmless(in Command command) =>
        ReferenceEquals(command.Info.Finder, KeyFinder.Streams) && KeyFinder.Options.IndexOf(command, "BLOCK"u8) < 0;

    private static string Message(CommandInfo info)
    {
        string why = info.Is(CommandFlags.Blocking)
            ? "it may hold the connection that all callers share"
            : "it changes the state or the number of replies of the connection that all callers share";
        string advice = Advice.GetValueOrDefault(info.Name, NotYetLeased);
        return $"{info.Name} was not sent: {why}. {advice}";
    }
}
