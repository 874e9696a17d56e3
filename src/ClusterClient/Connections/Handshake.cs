// The first words on a connection: protocol version, credentials, name, library, database.
using ClusterClient.Configuration;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>What a server told about itself in the handshake.</summary>
/// <param name="Server">The server's name and version, as it says them; "unknown" when the handshake does not tell.</param>
/// <param name="Protocol">The protocol agreed on.</param>
internal sealed record HandshakeResult(string Server, RedisProtocol Protocol)
{
    /// <summary>The availability zone the server announces, or null.</summary>
    internal string? Zone { get; init; }
}

/// <summary>
/// HELLO 3 with AUTH and SETNAME in one round trip; where a server does not know HELLO or RESP3, AUTH and CLIENT SETNAME
/// in RESP2. CLIENT SETINFO tells the operator who connects and is never required.
/// </summary>
internal static class Handshake
{
    private const string LibraryName = "ClusterClient";
    private static readonly CommandInfo _hello = new("HELLO", KeySpec.None, CommandFlags.ChangesConnection);
    private static readonly CommandInfo _auth = new("AUTH", KeySpec.None, CommandFlags.ChangesConnection);
    private static readonly CommandInfo _setName = new("CLIENT SETNAME", KeySpec.None, CommandFlags.ChangesConnection);
    private static readonly CommandInfo _setInfo = new("CLIENT SETINFO", KeySpec.None, CommandFlags.ChangesConnection);
    private static readonly CommandInfo _select = new("SELECT", KeySpec.None, CommandFlags.ChangesConnection);
    private static readonly string _libraryVersion = typeof(Handshake).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Introduces the client on a new connection.</summary>
    /// <exception cref="RedisException">The server refused, or did not answer in time.</exception>
    internal static async ValueTask<HandshakeResult> RunAsync(Connection connection, ClientSettings settings, RedisCredentials? credentials, ReadFitness? reads, int timeoutMilliseconds)
    {
        long deadline = Environment.TickCount64 + timeoutMilliseconds;
        HandshakeResult? result = settings.Protocol == RedisProtocol.Resp3
            ? await TryHelloAsync(connection, settings, credentials, timeoutMilliseconds).ConfigureAwait(false)
            : null;
        if (reads is not null && result?.Zone is { } zone) reads.Zone = zone;
        if (result is null)
        {
            await IntroduceInResp2Async(connection, settings, credentials, Left(deadline)).ConfigureAwait(false);
            result = new HandshakeResult("unknown", RedisProtocol.Resp2);
        }

        // Sent together, awaited one after the other: one round trip for all of them.
        ValueTask<RespValue> name = SetInfoAsync(connection, "LIB-NAME", LibraryName, deadline);
        ValueTask<RespValue> version = SetInfoAsync(connection, "LIB-VER", _libraryVersion, deadline);
        ValueTask<RespValue> select = settings.Database == 0
            ? default
            : connection.ExecuteAsync(new Command(_select, settings.Database), TreeReply.Instance, Left(deadline));
        bool isReadOnly = reads is { WantsReadOnly: true };
        ValueTask<RespValue> readOnly = isReadOnly ? connection.ExecuteAsync(new Command(ControlCommands.ReadOnly), TreeReply.Instance, Left(deadline)) : default;
        await IgnoreRefusalAsync(name).ConfigureAwait(false);
        await IgnoreRefusalAsync(version).ConfigureAwait(false);
        await select.ConfigureAwait(false);
        if (isReadOnly) await TakeReadOnlyAsync(connection, readOnly, reads!).ConfigureAwait(false);
        return result;
    }

    /// <summary>A replica that does not permit READONLY still tells the topology; it is only not read from.</summary>
    private static async ValueTask TakeReadOnlyAsync(Connection connection, ValueTask<RespValue> readOnly, ReadFitness reads)
    {
        try
        {
            await readOnly.ConfigureAwait(false);
            connection.IsReadOnly = true;
        }
        catch (RedisServerException refused) when (!AdmitsNobody(refused))
        {
            reads.OnRefused(refused.ServerMessage);
        }
    }

    private static async ValueTask<HandshakeResult?> TryHelloAsync(Connection connection, ClientSettings settings, RedisCredentials? credentials, int timeoutMilliseconds)
    {
        List<RedisValue> arguments = [3];
        if (credentials is not null) arguments.AddRange(["AUTH", credentials.User ?? "default", credentials.Password]);
        if (settings.ClientName is { } name) arguments.AddRange(["SETNAME", name]);
        try
        {
            RespValue reply = await connection.ExecuteAsync(new Command(_hello, [.. arguments]), TreeReply.Instance, timeoutMilliseconds).ConfigureAwait(false);
            string server = reply.TryGet("server", out RespValue s) ? s.AsString() ?? "unknown" : "unknown";
            string version = reply.TryGet("version", out RespValue v) ? v.AsString() ?? string.Empty : string.Empty;
            string? zone = reply.TryGet("availability_zone", out RespValue z) && z.AsString() is { Length: > 0 } named ? named : null;
            return new HandshakeResult($"{server} {version}".TrimEnd(), RedisProtocol.Resp3) { Zone = zone };
        }
        catch (RedisServerException refused) when (IsUnknownHere(refused))
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the server does not know HELLO or RESP3, or does not permit HELLO, so that the older words are worth a try. NOAUTH
    /// is not among them: a server that wants a password says so whatever words are used.
    /// </summary>
    private static bool IsUnknownHere(RedisServerException refused)
        => refused.Code is "NOPROTO" or "NOPERM"
        || (refused.Code is "ERR" && (refused.ServerMessage.Contains("unknown command", StringComparison.OrdinalIgnoreCase)
            || refused.ServerMessage.Contains("HELLO", StringComparison.OrdinalIgnoreCase)));

    private static async ValueTask IntroduceInResp2Async(Connection connection, ClientSettings settings, RedisCredentials? credentials, int timeoutMilliseconds)
    {
        if (credentials is not null)
        {
            Command auth = credentials.User is { } user ? new Command(_auth, user, credentials.Password) : new Command(_auth, credentials.Password);
            await connection.ExecuteAsync(auth, TreeReply.Instance, timeoutMilliseconds).ConfigureAwait(false);
        }

        if (settings.ClientName is { } name)
            await IgnoreRefusalAsync(connection.ExecuteAsync(new Command(_setName, name), TreeReply.Instance, timeoutMilliseconds)).ConfigureAwait(false);
    }

    private static ValueTask<RespValue> SetInfoAsync(Connection connection, string attribute, string value, long deadline)
        => connection.ExecuteAsync(new Command(_setInfo, attribute, value), TreeReply.Instance, Left(deadline));

    /// <summary>Servers before Redis 7.2 do not know CLIENT SETINFO, and an ACL may forbid it: neither is a reason not to connect.</summary>
    private static async ValueTask IgnoreRefusalAsync(ValueTask<RespValue> reply)
    {
        try
        {
            await reply.ConfigureAwait(false);
        }
        catch (RedisServerException refused) when (!AdmitsNobody(refused))
        {
            // Refused by the server: the connection is as good without it.
        }
    }

    /// <summary>Whether the refusal is of the client and not of the one command.</summary>
    private static bool AdmitsNobody(RedisServerException refused)
        => refused.Code is "NOAUTH" or "DENIED" || refused.ServerMessage.Contains("max number of clients", StringComparison.OrdinalIgnoreCase);

    private static int Left(long deadline) => (int)Math.Max(1, deadline - Environment.TickCount64);

    private sealed class TreeReply : ReplyParser<RespValue>
    {
        internal static TreeReply Instance { get; } = new();

        public override RespValue Parse(ref RespReader reader) => reader.ReadTree();
    }
}
