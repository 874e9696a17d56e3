// The harness's own connection to a server: small, separate from the client under test, every step bounded in time.
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ClusterClient.Testing.Admin;

internal sealed class AdminConnection : IAsyncDisposable
{
    private readonly AdminAccess _access;
    private readonly Stream _stream;
    private readonly AdminReplyReader _reader;

    private AdminConnection(AdminAccess access, Stream stream)
    {
        _access = access;
        _stream = stream;
        _reader = new AdminReplyReader(stream);
    }

    public static async Task<AdminConnection> OpenAsync(AdminAccess access, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(access.Timeout);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(access.Host, access.Port, limit.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (access.Tls is { } tls)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = secure;
                await secure.AuthenticateAsClientAsync(tls.ClientOptions(access.Host), limit.Token).ConfigureAwait(false);
            }
            var connection = new AdminConnection(access, stream);
            if (access.Password is { } password)
                await connection.ExecuteAsync(["AUTH", password], limit.Token).ConfigureAwait(false);
            return connection;
        }
        catch (OperationCanceledException canceled) when (!cancellationToken.IsCancellationRequested)
        {
            await CloseAsync().ConfigureAwait(false);
            throw new TimeoutException($"{access} could not be connected to within {access.Timeout.TotalSeconds:0.#} s (frozen, or still starting?).", canceled);
        }
        catch
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }

        ValueTask CloseAsync()
        {
            socket.Dispose();
            return stream?.DisposeAsync() ?? ValueTask.CompletedTask;
        }
    }

    /// <summary>Sends one command and gives its reply; an error reply throws.</summary>
    public async Task<AdminReply> ExecuteAsync(string[] command, CancellationToken cancellationToken) =>
        (await ExecuteAllAsync([Encode(command)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends one command and gives its reply, an error as well.</summary>
    public async Task<AdminReply> TryExecuteAsync(string[] command, CancellationToken cancellationToken) =>
        (await SendAllAsync([Encode(command)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends all commands in one go and gives their replies; throws at the first error reply, after all were read.</summary>
    public async Task<AdminReply[]> ExecuteAllAsync(IReadOnlyList<byte[][]> commands, CancellationToken cancellationToken)
    {
        var replies = await SendAllAsync(commands, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < replies.Length; i++)
            if (replies[i].IsError)
                throw new ServerReplyException(_access.ToString(), Name(commands[i]), replies[i].Text);
        return replies;
    }

    /// <summary>Waits for what the server sends unasked, such as the next message on a channel that the connection has subscribed to.</summary>
    public async Task<AdminReply> ReceiveAsync(CancellationToken cancellationToken) => await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    public static byte[][] Encode(params ReadOnlySpan<string> command)
    {
        var arguments = new byte[command.Length][];
        for (var i = 0; i < command.Length; i++)
            arguments[i] = Encoding.UTF8.GetBytes(command[i]);
        return arguments;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<AdminReply[]> SendAllAsync(IReadOnlyList<byte[][]> commands, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_access.Timeout);
        try
        {
            await _stream.WriteAsync(Frame(commands), limit.Token).ConfigureAwait(false);
            var replies = new AdminReply[commands.Count];
            for (var i = 0; i < replies.Length; i++)
                replies[i] = await _reader.ReadAsync(limit.Token).ConfigureAwait(false);
            return replies;
        }
        catch (OperationCanceledException canceled) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_access} did not answer {Name(commands[0])} within {_access.Timeout.TotalSeconds:0.#} s (frozen?).", canceled);
        }
    }

    private static byte[] Frame(IReadOnlyList<byte[][]> commands)
    {
        using var frame = new MemoryStream();
        foreach (var command in commands)
        {
            frame.Write(Encoding.ASCII.GetBytes($"*{command.Length}\r\n"));
            foreach (var argument in command)
            {
                frame.Write(Encoding.ASCII.GetBytes($"${argument.Length}\r\n"));
                frame.Write(argument);
                frame.Write("\r\n"u8);
            }
        }
        return frame.ToArray();
    }

    // The name and its subcommand only: an argument may be a password.
    private static string Name(byte[][] command)
    {
        var name = Encoding.UTF8.GetString(command[0]).ToUpperInvariant();
        return name is "CLUSTER" or "CONFIG" or "CLIENT" or "SENTINEL" or "ACL" && command.Length > 1
            ? $"{name} {Encoding.UTF8.GetString(command[1]).ToUpperInvariant()}"
            : name;
    }
}
