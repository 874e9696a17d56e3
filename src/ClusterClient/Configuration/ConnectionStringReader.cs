// Reads a connection string; every complaint names the place and what is allowed, and none quotes what may be part of a secret.
namespace ClusterClient.Configuration;

internal sealed class ConnectionStringReader
{
    private const string Grammar = "redis[s]://[user:password@]host[:port][,host[:port]…][/database][?option=value&…] or redis+unix://[user:password@]/path[?option=value&…]";
    private static readonly string[] s_secretWords = ["pass", "pwd", "secret", "token", "credential", "auth"];

    private readonly RedisClientOptions _options = new();
    private readonly HashSet<Option> _stated = [];

    private ConnectionStringReader()
    {
    }

    public static RedisClientOptions Read(string connectionString)
    {
        ConnectionStringReader reader = new();
        reader.ReadScheme(connectionString);
        return reader._options;
    }

    private void ReadScheme(string text)
    {
        if (TryCut(text, ConnectionStringWriter.Tcp, out string rest))
        {
            ReadServers(rest);
        }
        else if (TryCut(text, ConnectionStringWriter.Tls, out rest))
        {
            State(OptionTable.Tls, "true");
            ReadServers(rest);
        }
        else if (TryCut(text, ConnectionStringWriter.Unix, out rest))
        {
            ReadSocket(rest);
        }
        else
        {
            string hint = ForeignOptions.IsTheirForm(text) ? $" (StackExchange.Redis writes host:port,option=value; here that is {ConnectionStringWriter.Tcp}host:port?option=value)" : string.Empty;
            throw Bad($"it must begin with {ConnectionStringWriter.Tcp}, {ConnectionStringWriter.Tls} or {ConnectionStringWriter.Unix}{hint}; the grammar is {Grammar}");
        }
    }

    private void ReadServers(string rest)
    {
        (string authority, string path, string? query) = Split(rest);
        string hosts = ReadUserInfo(authority);
        string[] parts = hosts.Split(',');
        for (int i = 0; i < parts.Length; i++)
        {
            if (!EndpointText.TryRead(parts[i], out NodeEndpoint endpoint, out string? problem) || endpoint.IsUnixSocket)
                throw Bad($"server {i + 1} of {parts.Length}: {problem ?? "it has no host"}");
            _options.Endpoints.Add(endpoint);
        }

        if (path.Length > 1 && !TryState(OptionTable.Database, path[1..])) throw Bad($"behind the servers stands the database, which must be {OptionTable.Database.Allowed}");
        ReadQuery(query);
    }

    private void ReadSocket(string rest)
    {
        (string authority, string path, string? query) = Split(rest);
        if (ReadUserInfo(authority).Length > 0) throw Bad($"{ConnectionStringWriter.Unix} takes an absolute path and no host: {ConnectionStringWriter.Unix}/run/redis.sock");
        if (path.Length < 2) throw Bad($"the path of the Unix socket is missing: {ConnectionStringWriter.Unix}/run/redis.sock");
        string socket = Decode(path, "the path of the Unix socket");
        if (EndpointText.ProblemWithPath(socket) is { } problem) throw Bad(problem);
        _options.Endpoints.Add(NodeEndpoint.Unix(socket));
        ReadQuery(query);
    }

    /// <summary>
    /// Cuts at the first '/', then '?'. An '@' behind the servers most likely means a password that holds one of these
    /// characters unescaped: everything read from there on could be a piece of it, so nothing more is read.
    /// </summary>
    private static (string Authority, string Path, string? Query) Split(string rest)
    {
        int end = rest.AsSpan().IndexOfAny('/', '?', '#');
        string authority = end < 0 ? rest : rest[..end];
        string behind = end < 0 ? "" : rest[end..];
        if (behind.Contains('@', StringComparison.Ordinal))
            throw Bad("an '@' stands behind the servers; in user, password and option values write '@' as %40, '/' as %2F, '?' as %3F, '#' as %23 and '%' as %25");
        if (behind.Contains('#', StringComparison.Ordinal)) throw Bad("a '#' must be written as %23");
        int question = behind.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (authority, behind, null) : (authority, behind[..question], behind[(question + 1)..]);
    }

    private string ReadUserInfo(string authority)
    {
        int at = authority.LastIndexOf('@');
        if (at < 0) return authority;
        string userInfo = authority[..at];
        int colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || userInfo.Contains('@', StringComparison.Ordinal) || userInfo.IndexOf(':', colon + 1) >= 0)
            throw Bad("in front of the servers must stand user:password@ or :password@, with '@' in them written as %40 and ':' as %3A");
        if (colon > 0 && !TryState(OptionTable.User, Decode(userInfo[..colon], "the user"))) throw Bad($"the user must be {OptionTable.User.Allowed}");
        _options.Password = Decode(userInfo[(colon + 1)..], "the password");
        return authority[(at + 1)..];
    }

    private void ReadQuery(string? query)
    {
        if (query is null) return;
        (string Name, string? Value)[] pairs = [.. query.Split('&').Select(static part => Cut(part))];
        if (pairs.Any(static pair => s_secretWords.Any(word => pair.Name.Contains(word, StringComparison.OrdinalIgnoreCase))))
            throw Bad("a password is not an option: write it in front of the servers, as user:password@ or :password@");
        for (int i = 0; i < pairs.Length; i++)
        {
            (string name, string? value) = pairs[i];
            if (value is null) throw Bad($"option {i + 1} must be written as name=value");
            Option option = OptionTable.Find(name) ?? throw Bad(Unknown(name, i + 1));
            State(option, Decode(value, $"option '{option.Name}'"));
        }
    }

    private static string Unknown(string name, int position)
    {
        string[] names = [.. OptionTable.All.Select(static o => o.Name)];
        string shown = name.Length > 0 && name.All(char.IsAsciiLetter) ? $"'{name}'" : $"number {position}";
        if (ForeignOptions.AdviceFor(name) is { } advice) return $"option {shown} is unknown; {advice}";
        return OptionNames.Nearest(name, names) is { } nearest
            ? $"option {shown} is unknown; did you mean '{nearest}'?"
            : $"option {shown} is unknown; there are {string.Join(", ", names)}";
    }

    private void State(Option option, string text)
    {
        if (!TryState(option, text)) throw Bad($"option '{option.Name}' must be {option.Allowed}, not '{text}'");
    }

    private bool TryState(Option option, string text)
    {
        if (!_stated.Add(option)) throw Bad($"option '{option.Name}' is stated twice");
        return option.TryRead(_options, text);
    }

    private static (string Name, string? Value) Cut(string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (pair, null) : (pair[..equals], pair[(equals + 1)..]);
    }

    private static bool TryCut(string text, string scheme, out string rest)
    {
        bool has = text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
        rest = has ? text[scheme.Length..] : "";
        return has;
    }

    /// <summary>Percent-decodes; <see cref="Uri.UnescapeDataString(string)"/> alone would let a broken escape stand as it is.</summary>
    private static string Decode(string text, string what)
    {
        for (int i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 3))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                throw Bad($"in {what} a '%' must be followed by two hexadecimal digits; write '%' itself as %25");
        }

        return Uri.UnescapeDataString(text);
    }

    private static ArgumentException Bad(string problem) => new($"Bad connection string: {problem}{(problem.EndsWith('?') ? "" : ".")}");
}
