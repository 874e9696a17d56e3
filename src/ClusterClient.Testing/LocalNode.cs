// One server of a topology, and the faults a test can put on it.
using ClusterClient.Testing.Admin;
using ClusterClient.Testing.Processes;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>What a server is in its topology.</summary>
public enum LocalNodeRole
{
    /// <summary>Takes writes.</summary>
    Master,

    /// <summary>Follows a master.</summary>
    Replica,

    /// <summary>Watches over masters and replicas.</summary>
    Sentinel,
}

/// <summary>One server of a topology. Its address stays the same over restarts; its process does not.</summary>
public sealed class LocalNode
{
    internal const string Loopback = "127.0.0.1";

    private readonly TopologyHost _host;
    private ServerProcess _process;

    internal LocalNode(TopologyHost host, NodeSettings settings, PortReservation port, ServerProcess process)
    {
        _host = host;
        Settings = settings;
        Reservation = port;
        _process = process;
        Access = new AdminAccess(Host, Port, settings.Password, settings.Tls, settings.Options.CommandTimeout);
    }

    /// <summary>The address it listens on: <c>127.0.0.1</c>.</summary>
    public string Host { get; } = Loopback;

    /// <summary>The port it listens on; TLS in a TLS topology.</summary>
    public int Port => Settings.Port;

    /// <summary>The id of the server's process; after a restart a new one.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>Whether the process runs and is not frozen by <see cref="Freeze"/>.</summary>
    public bool IsRunning => !IsFrozen && !_process.HasExited;

    /// <summary>Whether <see cref="Freeze"/> was called and <see cref="Thaw"/> not yet.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether <see cref="CutReplicaLinkAsync"/> was called and <see cref="MendReplicaLinkAsync"/> not yet.</summary>
    public bool IsReplicaLinkCut { get; private set; }

    /// <summary>The Unix socket it listens on, with <see cref="LocalTopologyOptions.UnixSocket"/>; else null.</summary>
    public string? UnixSocketPath => Settings.UnixSocketPath;

    /// <summary>The node's own folder: configuration, log, data.</summary>
    public string Folder => Settings.Folder;

    internal NodeSettings Settings { get; }

    internal AdminAccess Access { get; }

    internal PortReservation Reservation { get; }

    internal ServerProgram Program => _host.Program;

    internal TimeSpan Patience => Settings.Options.StartTimeout;

    /// <summary>Host and port.</summary>
    public override string ToString() => $"{Host}:{Port}";

    /// <summary>What the server says it is now (ROLE).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<LocalNodeRole> GetRoleAsync(CancellationToken cancellationToken = default)
    {
        if (Settings.Purpose == NodePurpose.Sentinel)
            return LocalNodeRole.Sentinel;
        AdminReply reply;
        try
        {
            reply = await ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Sentinel kills a server's clients when it gives it another role: just then a role is asked for. A second time is bad luck no more.
            reply = await ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
        }

        return reply.Items[0].Text is "master" ? LocalNodeRole.Master : LocalNodeRole.Replica;
    }

    /// <summary>Ends the process at once (SIGKILL), as a crash does, and waits until it is gone.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task KillAsync(CancellationToken cancellationToken = default) => EndAsync(Signal.Kill, cancellationToken);

    /// <summary>Asks the process to end (SIGTERM), as a shutdown does, and waits until it is gone. A frozen process is thawed first.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (IsFrozen)
            Thaw();
        return EndAsync(Signal.Terminate, cancellationToken);
    }

    /// <summary>Stops the process from running (SIGSTOP): connections stay open, nothing is answered.</summary>
    public void Freeze()
    {
        _process.Send(Signal.Freeze);
        IsFrozen = true;
    }

    /// <summary>Lets a frozen process go on (SIGCONT), with all that was sent to it meanwhile.</summary>
    public void Thaw()
    {
        _process.Send(Signal.Thaw);
        IsFrozen = false;
    }

    /// <summary>
    /// Ends the process if it still runs (SIGTERM) and starts it again on the same port with the same folder, then waits until it answers.
    /// Without <see cref="LocalTopologyOptions.Persistent"/> its data is gone, unless its master gives it again.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        if (!_process.HasExited)
            await StopAsync(cancellationToken).ConfigureAwait(false);
        await _process.DisposeAsync().ConfigureAwait(false);
        IsFrozen = false;
        IsReplicaLinkCut = false;
        _process = await Program.StartAsync(Settings, cancellationToken).ConfigureAwait(false);
        await WaitUntilAnsweringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a replica a master. In a cluster by CLUSTER FAILOVER (TAKEOVER when its master is down), waiting until the cluster agrees;
    /// elsewhere by REPLICAOF NO ONE, which leaves the other nodes as they are. On a master nothing happens.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PromoteAsync(CancellationToken cancellationToken = default) => _host.PromoteAsync(this, cancellationToken);

    /// <summary>
    /// Breaks the link to the master, so that <c>master_link_status</c> is down while clients and the cluster bus are not touched,
    /// and keeps it broken until <see cref="MendReplicaLinkAsync"/> (the replica is given a user name its master refuses).
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotSupportedException">The server is Garnet.</exception>
    public async Task CutReplicaLinkAsync(CancellationToken cancellationToken = default)
    {
        await ReplicaLink.CutAsync(this, cancellationToken).ConfigureAwait(false);
        IsReplicaLinkCut = true;
    }

    /// <summary>Undoes <see cref="CutReplicaLinkAsync"/> and waits until the link is up.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task MendReplicaLinkAsync(CancellationToken cancellationToken = default)
    {
        await ReplicaLink.MendAsync(this, cancellationToken).ConfigureAwait(false);
        IsReplicaLinkCut = false;
    }

    /// <summary>Sends a command as the administrator, over a connection of its own, and gives the reply.</summary>
    /// <param name="command">The command's name and its arguments.</param>
    /// <exception cref="ServerReplyException">The server answered with an error.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="LocalTopologyOptions.CommandTimeout"/>.</exception>
    public Task<AdminReply> ExecuteAsync(params string[] command) => ExecuteAsync(command, CancellationToken.None);

    /// <inheritdoc cref="ExecuteAsync(string[])"/>
    /// <param name="command">The command's name and its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AdminReply> ExecuteAsync(string[] command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var connection = await AdminConnection.OpenAsync(Access, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            return await connection.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends commands as the administrator, all over one connection: for what belongs to a connection, such as WAIT, ASKING or MULTI.</summary>
    /// <param name="commands">Each a command's name and its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The replies in the order of the commands.</returns>
    /// <exception cref="ServerReplyException">The server answered one of them with an error; all were sent.</exception>
    /// <exception cref="TimeoutException">Not all answers within <see cref="LocalTopologyOptions.CommandTimeout"/>.</exception>
    public async Task<IReadOnlyList<AdminReply>> ExecuteAllAsync(string[][] commands, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var connection = await AdminConnection.OpenAsync(Access, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            return await connection.ExecuteAllAsync([.. commands.Select(command => AdminConnection.Encode(command))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the server says about itself (INFO), as the administrator sees it: <c>(await node.InfoAsync("replication"))["master_repl_offset"]</c>.</summary>
    /// <param name="section">
    /// One section, such as <c>replication</c>, <c>commandstats</c> or <c>errorstats</c>; <c>all</c> for all of them. One that the server does not know has no fields
    /// (Garnet counts no commands).
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The section's fields by name, as the server writes them: a count of bytes is text, and <c>cmdstat_get</c> holds <c>calls=12,usec=…</c>.</returns>
    /// <exception cref="ServerReplyException">The server refused: a Sentinel has fewer sections, and its own password.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="LocalTopologyOptions.CommandTimeout"/>.</exception>
    public async Task<IReadOnlyDictionary<string, string>> InfoAsync(string section, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        return ServerInfo.Parse((await ExecuteAsync(["INFO", section], cancellationToken).ConfigureAwait(false)).Text);
    }

    /// <summary>What the server has written to its log since the topology's start.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<string> ReadLogAsync(CancellationToken cancellationToken = default) => File.ReadAllTextAsync(Settings.LogPath, cancellationToken);

    internal Task WaitUntilAnsweringAsync(CancellationToken cancellationToken) => NodeStart.WaitUntilAnsweringAsync(this, _process, cancellationToken);

    internal async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync().ConfigureAwait(false);
        Reservation.Dispose();
    }

    private async Task EndAsync(Signal signal, CancellationToken cancellationToken)
    {
        _process.Send(signal);
        await _process.WaitForExitAsync(Patience, cancellationToken).ConfigureAwait(false);
        IsFrozen = false;
    }
}
