// How a fake server takes the first words of a connection: HELLO, AUTH, CLIENT, SELECT.
using System.Globalization;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>The handshake of a server of today, and of older ones where a test says so.</summary>
internal sealed class FakeHandshake
{
    private const string NoAuth = "NOAUTH Authentication required.";

    /// <summary>The user and password it wants; null for none.</summary>
    public (string User, string Password)? Credentials { get; set; }

    /// <summary>Redis before 6 does not know HELLO.</summary>
    public bool KnowsHello { get; set; } = true;

    /// <summary>A proxy may know HELLO and refuse version 3.</summary>
    public bool KnowsResp3 { get; set; } = true;

    /// <summary>Redis before 7.2 does not know CLIENT SETINFO.</summary>
    public bool KnowsSetInfo { get; set; } = true;

    /// <summary>What HELLO tells as its mode.</summary>
    public string Mode { get; set; } = "standalone";

    /// <summary>The answer, or null when the command is not of the handshake.</summary>
    public FakeAnswer? TryAnswer(FakeCommand command)
    {
        switch (command.Name)
        {
            case "HELLO":
                return KnowsHello ? Hello(command) : FakeAnswer.Error($"ERR unknown command 'HELLO', with args beginning with: '{(command.Count > 1 ? command[1] : string.Empty)}' ");
            case "AUTH":
                return Authenticate(command.Connection, command.Count > 2 ? command[1] : "default", command[command.Count - 1]) ?? FakeAnswer.Ok;
        }

        if (Credentials is not null && !command.Connection.IsAuthenticated) return FakeAnswer.Error(NoAuth);
        switch (command.Name)
        {
            case "CLIENT" when command.Subcommand == "SETNAME":
                command.Connection.ClientName = command[2];
                return FakeAnswer.Ok;
            case "CLIENT" when command.Subcommand == "SETINFO":
                return KnowsSetInfo ? FakeAnswer.Ok : FakeAnswer.Error("ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.");
            case "SELECT":
                command.Connection.Database = int.Parse(command[1], CultureInfo.InvariantCulture);
                return FakeAnswer.Ok;
            default:
                return null;
        }
    }

    /// <summary>Whether a command is of a client's handshake and no topology question.</summary>
    public static bool IsPartOf(FakeCommand command)
        => command.Name is "AUTH" or "SELECT" || (command.Is("HELLO") && command.Count > 1) || (command.Is("CLIENT") && command.Subcommand is "SETNAME" or "SETINFO");

    private FakeAnswer Hello(FakeCommand command)
    {
        FakeConnection connection = command.Connection;
        for (int i = 2; i < command.Count; i++)
        {
            switch (command[i].ToUpperInvariant())
            {
                case "AUTH":
                    if (Authenticate(connection, command[i + 1], command[i + 2]) is { } refusal) return refusal;
                    i += 2;
                    break;
                case "SETNAME":
                    connection.ClientName = command[++i];
                    break;
            }
        }

        if (Credentials is not null && !connection.IsAuthenticated)
        {
            return FakeAnswer.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
                + "option can be used to authenticate the client and select the RESP protocol version at the same time");
        }

        if (command.Count > 1)
        {
            if (command[1] == "3" && !KnowsResp3) return FakeAnswer.Error("NOPROTO unsupported protocol version");
            connection.Protocol = int.Parse(command[1], CultureInfo.InvariantCulture);
        }

        return FakeAnswer.Written(writer =>
        {
            if (connection.Protocol == 3) RespWriter.WriteMapHeader(writer, 7);
            else RespWriter.WriteArrayHeader(writer, 14);
            Pair("server", "redis");
            Pair("version", "7.0.15");
            RespWriter.WriteBulkString(writer, "proto");
            RespWriter.WriteInteger(writer, connection.Protocol);
            RespWriter.WriteBulkString(writer, "id");
            RespWriter.WriteInteger(writer, connection.Number);
            Pair("mode", Mode);
            Pair("role", "master");
            RespWriter.WriteBulkString(writer, "modules");
            RespWriter.WriteArrayHeader(writer, 0);

            void Pair(string key, string value)
            {
                RespWriter.WriteBulkString(writer, key);
                RespWriter.WriteBulkString(writer, value);
            }
        });
    }

    private FakeAnswer? Authenticate(FakeConnection connection, string user, string password)
    {
        if (Credentials is not { } wanted)
            return FakeAnswer.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?");
        connection.IsAuthenticated = wanted == (user, password);
        return connection.IsAuthenticated ? null : FakeAnswer.Error("WRONGPASS invalid username-password pair or user is disabled.");
    }
}
