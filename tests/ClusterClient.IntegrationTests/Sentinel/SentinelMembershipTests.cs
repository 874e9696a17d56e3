// Sentinels that are replaced: the dead one is forgotten, the new one heard.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelMembershipTests(ITestOutputHelper output)
{
    private const string Name = "members";

    [Fact]
    public async Task A_sentinel_that_was_replaced_elsewhere_is_forgotten_once_no_other_names_it_and_its_successor_is_heard()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 3);
        (LocalNode given, LocalNode other, LocalNode dead) = (topology.Sentinels[0], topology.Sentinels[1], topology.Sentinels[2]);
        await using RedisClient redis = await RedisClient.ConnectAsync(
            $"redis://{given}?serviceName={topology.ServiceName}&clientName={Name}&reconnectBackoffMin=50ms&reconnectBackoffMax=100ms&topologyRefreshInterval=500ms");
        foreach (LocalNode sentinel in topology.Sentinels) await SentinelClients.AreAsync(sentinel, Name, 2);

        await dead.KillAsync();
        await using Doorbell bell = new(dead);
        LocalNode added = await topology.AddSentinelAsync();
        await SentinelClients.AreAsync(added, Name, 2);

        // The others still name it: it may come back at any time.
        int rung = bell.Rung;
        await Eventually.TrueAsync(() => bell.Rung > rung + 10, "the dead one is still dialed");
        long reset = Stopwatch.GetTimestamp();
        foreach (LocalNode sentinel in (LocalNode[])[given, other, added]) await sentinel.ExecuteAsync("SENTINEL", "RESET", topology.ServiceName);
        await Eventually.TrueAsync(() => bell.SilentFor > TimeSpan.FromSeconds(2), "the dead one is dialed no more");
        Figure.Print(output, topology, $"Sentinel: a dead Sentinel was dialed for {(Stopwatch.GetElapsedTime(reset) - bell.SilentFor).TotalSeconds:F1} s after SENTINEL RESET on the others");
        foreach (LocalNode sentinel in (LocalNode[])[given, other, added]) await SentinelClients.AreAsync(sentinel, Name, 2);
        Assert.True(await redis.StringSetAsync("k", "v"));

        // It is no outcast: when it comes back, the others name it again.
        await bell.DisposeAsync();
        await dead.RestartAsync();
        await SentinelClients.AreAsync(dead, Name, 2);
        await AfterFailover.IsFollowedAsync(redis, await topology.FailoverAsync(by: added));
        Assert.True(await redis.StringSetAsync("k", "w"));
    }

    /// <summary>Listens where a server was, and hears who still comes.</summary>
    private sealed class Doorbell : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _listening;
        private long _last = Stopwatch.GetTimestamp();
        private int _rung;

        public Doorbell(LocalNode node)
        {
            _listener = new(IPAddress.Parse(node.Host), node.Port);
            _listener.Start();
            _listening = ListenAsync();
        }

        public int Rung => Volatile.Read(ref _rung);

        public TimeSpan SilentFor => Stopwatch.GetElapsedTime(Volatile.Read(ref _last));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The other Sentinels call as well: only who introduces itself by HELLO with a name is the client.
        private async Task ListenAsync()
        {
            byte[] words = new byte[1024];
            while (true)
            {
                using TcpClient caller = await _listener.AcceptTcpClientAsync(_stop.Token);
                using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                patience.CancelAfter(200);
                try
                {
                    int read = await caller.GetStream().ReadAsync(words, patience.Token);
                    if (!words.AsSpan(0, read).IndexOf("SETNAME"u8).Equals(-1)) Ring();
                }
                catch (Exception ended) when (ended is IOException or OperationCanceledException && !_stop.IsCancellationRequested)
                {
                    // It came and said nothing.
                }
            }
        }

        private void Ring()
        {
            Interlocked.Increment(ref _rung);
            Volatile.Write(ref _last, Stopwatch.GetTimestamp());
        }
    }
}
