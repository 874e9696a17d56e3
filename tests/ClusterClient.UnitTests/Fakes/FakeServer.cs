// A scripted server on a real loopback socket.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>
/// Listens on a free loopback port and speaks RESP. Out of the box it behaves like a small standalone server; a test puts rules
/// before that, newest first, and reads what was received.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<FakeCommand> _commands = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly int _receiveBuffer;
    private ImmutableList<Func<FakeCommand, FakeAnswer?>> _rules = [];
    private ImmutableList<FakeConnection> _connections = [];
    private volatile bool _isDown;
    private Socket? _listener;
    private long _order;
    private long _received;

    /// <param name="receiveBuffer">The socket's receive buffer in bytes, small to make the client's sends stall; 0 for the platform's own.</param>
    public FakeServer(int receiveBuffer = 0)
    {
        _receiveBuffer = receiveBuffer;
        Listen(port: 0);
        Port = ((IPEndPoint)_listener!.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public NodeEndpoint Endpoint => new("127.0.0.1", Port);

    public string Name => Endpoint.ToString();

    public FakeHandshake Handshake { get; } = new();

    public FakeStore Store { get; init; } = new();

    /// <summary>Which process it is: grows with every restart, and seeds the order in which SCAN walks the keys.</summary>
    public int Process { get; private set; } = 1;

    /// <summary>As if the process had been killed and started again with its data: all connections end, and cursors mean nothing any more.</summary>
    public void Restart()
    {
        GoDown();
        Process++;
        ListenAgain();
    }

    /// <summary>Taken for each command, as a real server runs one at a time; the nodes of a cluster share one, so that what a test moves between them moves at once.</summary>
    public Lock OneAtATime { get; init; } = new();

    /// <summary>While closed, connections leave what arrives in the kernel's buffer.</summary>
    public Gate Reading { get; } = new(isOpen: true);

    /// <summary>What is sent to a new connection before anything is read.</summary>
    public Func<FakeConnection, FakeAnswer>? Greeting { get; set; }

    /// <summary>Answers between the rules of the test and the store: a cluster's redirects.</summary>
    public Func<FakeCommand, FakeAnswer?>? Middle { get; set; }

    /// <summary>Whether commands are kept for the test to look at; they are always counted.</summary>
    public bool IsRecording { get; set; } = true;

    /// <summary>All connections ever accepted, in order.</summary>
    public ImmutableList<FakeConnection> Connections => Volatile.Read(ref _connections);

    public int Accepted => Connections.Count;

    /// <summary>How many commands were received, those of handshakes included.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>What was not the protocol.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>All commands received but those of handshakes and of the topology's questions, in order.</summary>
    public IReadOnlyList<FakeCommand> Commands => [.. _commands.Where(static c => !FakeHandshake.IsPartOf(c) && !(c.Name is "CLUSTER" or "INFO" or "ROLE" or "HELLO"))];

    /// <summary>All commands received, in order.</summary>
    public IReadOnlyList<FakeCommand> AllCommands => [.. _commands];

    public int CountOf(string name) => _commands.Count(command => command.Is(name));

    public IReadOnlyList<FakeCommand> Of(string name) => [.. _commands.Where(command => command.Is(name))];

    public void ForgetCommands() => _commands.Clear();

    /// <summary>Puts a rule before all others. It gives null for a command it does not care about.</summary>
    public void On(Func<FakeCommand, FakeAnswer?> rule) => ImmutableInterlocked.Update(ref _rules, static (rules, one) => rules.Insert(0, one), rule);

    public void On(string name, FakeAnswer answer) => On(command => command.Is(name) ? answer : null);

    public void On(string name, Func<FakeCommand, FakeAnswer?> answer) => On(command => command.Is(name) ? answer(command) : null);

    /// <summary>Answers in turn, one for each such command; afterwards the rule is no more.</summary>
    public void Once(string name, params FakeAnswer[] answers)
    {
        ConcurrentQueue<FakeAnswer> left = new(answers);
        On(command => command.Is(name) && left.TryDequeue(out FakeAnswer? answer) ? answer : null);
    }

    /// <summary>Takes all rules back.</summary>
    public void ClearRules() => Volatile.Write(ref _rules, []);

    /// <summary>Nobody listens on the port any more; connections stay.</summary>
    public void StopListening()
    {
        _isDown = true;
        Interlocked.Exchange(ref _listener, null)?.Dispose();
    }

    /// <summary>As if the process had been killed: nobody listens, and every connection is closed, those just being made too.</summary>
    public void GoDown()
    {
        StopListening();
        CloseAll();
    }

    /// <summary>Listens again on the same port.</summary>
    public void ListenAgain() => Listen(Port);

    public void CloseAll()
    {
        foreach (FakeConnection connection in Connections) connection.Close();
    }

    public void ResetAll()
    {
        foreach (FakeConnection connection in Connections.Where(static connection => connection.IsOpen)) connection.Reset();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        StopListening();
        Reading.Open();
        CloseAll();
        await Task.WhenAll(_running.Keys);
        _stop.Dispose();
    }

    internal FakeCommand Note(FakeConnection connection, byte[][] words, int length)
    {
        FakeCommand command = new(connection, Interlocked.Increment(ref _order) - 1, words, length);
        if (IsRecording) _commands.Enqueue(command);
        Interlocked.Increment(ref _received);
        return command;
    }

    internal FakeAnswer Answer(FakeCommand command)
    {
        lock (OneAtATime)
        {
            foreach (Func<FakeCommand, FakeAnswer?> rule in Volatile.Read(ref _rules))
            {
                if (rule(command) is { } scripted) return scripted;
            }

            return Handshake.TryAnswer(command) ?? Middle?.Invoke(command) ?? Store.TryAnswer(command) ?? Other(command);
        }
    }

    internal void ReportViolation(string what) => _violations.Enqueue(what);

    private FakeAnswer Other(FakeCommand command) => command.Name switch
    {
        "SCAN" => FakeScan.Answer(command, Store.Keys, Process),
        "INFO" => FakeAnswer.Bulk($"# Server\r\nredis_version:7.0.15\r\nrun_id:{Port}-{Process}\r\nredis_mode:{Handshake.Mode}\r\n# Replication\r\nrole:master\r\nmaster_replid:{Port}\r\n# Cluster\r\ncluster_enabled:{(Handshake.Mode == "cluster" ? 1 : 0)}\r\n"),
        "CLUSTER" => FakeAnswer.Error("ERR This instance has cluster support disabled"),
        _ => FakeAnswer.Error($"ERR unknown command '{command[0]}', with args beginning with: "),
    };

    private void Listen(int port)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (_receiveBuffer > 0) listener.ReceiveBufferSize = _receiveBuffer;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        _listener = listener;
        _isDown = false;
        Track(AcceptAsync(listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(_stop.Token);
                FakeConnection connection = new(this, socket, Accepted + 1);
                ImmutableInterlocked.Update(ref _connections, static (all, one) => all.Add(one), connection);
                if (_isDown) connection.Close();
                Track(connection.RunAsync(_stop.Token));
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test has ended, or nobody is to listen for a while.
        }
    }

    private void Track(Task task)
    {
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously);
    }
}
