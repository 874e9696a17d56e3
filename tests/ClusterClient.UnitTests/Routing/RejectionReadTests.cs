// How error lines are read: exact codes, exact targets, and what a script may not imitate.
using System.Text;
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient.UnitTests.Routing;

public class RejectionReadTests
{
    private static readonly CommandInfo _get = CommandTable.Get("GET");
    private static readonly CommandInfo _eval = CommandTable.Get("EVAL");

    [Theory]
    [InlineData("MOVED 3999 127.0.0.1:6381", 3999, "127.0.0.1", 6381)]
    [InlineData("MOVED 0 :6381", 0, "", 6381)]
    [InlineData("MOVED 16383 ?:6381", 16383, "?", 6381)]
    [InlineData("MOVED 1 redis-0.redis.svc:6379", 1, "redis-0.redis.svc", 6379)]
    [InlineData("MOVED 1 2001:db8::17:6379", 1, "2001:db8::17", 6379)]
    [InlineData("MOVED 1 [2001:db8::17]:6379", 1, "2001:db8::17", 6379)]
    internal void A_redirect_names_slot_and_target(string line, int slot, string host, int port)
    {
        Assert.Equal(new Rejection(RejectionKind.Moved, slot, host, port), Read(line));
        Assert.Equal(new Rejection(RejectionKind.Ask, slot, host, port), Read("ASK" + line[5..]));
    }

    [Fact]
    public void Redirect_names_a_target_only() => Assert.Equal(new Rejection(RejectionKind.Redirect, -1, "10.0.0.7", 6379), Read("REDIRECT 10.0.0.7:6379"));

    [Theory]
    [InlineData("MOVED")]
    [InlineData("MOVED ")]
    [InlineData("MOVED x 127.0.0.1:1")]
    [InlineData("MOVED -1 127.0.0.1:1")]
    [InlineData("MOVED 16384 127.0.0.1:1")]
    [InlineData("MOVED 1")]
    [InlineData("MOVED 1 127.0.0.1")]
    [InlineData("MOVED 1 127.0.0.1:")]
    [InlineData("MOVED 1 127.0.0.1:x")]
    [InlineData("MOVED 1 127.0.0.1:65536")]
    [InlineData("MOVED 1 127.0.0.1:-1")]
    [InlineData("MOVED 1 127.0.0.1:1 more")]
    [InlineData("MOVED 1127.0.0.1:1")]
    [InlineData("MOVEDX 1 127.0.0.1:1")]
    [InlineData("moved 1 127.0.0.1:1")]
    [InlineData("ASKED 1 127.0.0.1:1")]
    [InlineData("BUSYGROUP Consumer Group name already exists")]
    [InlineData("BUSYKEY Target key name already exists.")]
    [InlineData("LOADINGX y")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots")]
    [InlineData("NOAUTH Authentication required.")]
    [InlineData("NOPERM User x has no permissions to run the 'get' command")]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.")]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot")]
    [InlineData("NOSCRIPT No matching script. Please use EVAL.")]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData("ERR syntax error")]
    [InlineData("")]
    public void Everything_else_is_final(string line) => Assert.Equal(RejectionKind.Final, Read(line).Kind);

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", RejectionKind.TryLater)]
    [InlineData("LOADING Redis is loading the dataset in memory", RejectionKind.TryLater)]
    [InlineData("NOREPLICAS Not enough good replicas to write.", RejectionKind.TryLater)]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", RejectionKind.TryLater)]
    [InlineData("CLUSTERDOWN The cluster is down", RejectionKind.ClusterDown)]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", RejectionKind.MasterDown)]
    [InlineData("READONLY You can't write against a read only replica.", RejectionKind.ReadOnly)]
    [InlineData("UNBLOCKED client unblocked via CLIENT UNBLOCK", RejectionKind.Unblocked)]
    [InlineData("EXECABORT Transaction discarded because of previous errors.", RejectionKind.TransactionDiscarded)]
    [InlineData("BUSY", RejectionKind.TryLater)]
    internal void A_code_is_the_whole_first_word(string line, RejectionKind kind) => Assert.Equal(kind, Read(line).Kind);

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("CLUSTERDOWN The cluster is down and only accepts read commands")]
    [InlineData("CLUSTERDOWN Hash slot not served")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("NOREPLICAS Not enough good replicas to write.")]
    [InlineData("READONLY You can't write against a read only replica.")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("LOADING Valkey is loading the dataset in memory")]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.")]
    [InlineData("MOVED 1 127.0.0.1:1")]
    [InlineData("ASK 1 127.0.0.1:1")]
    public void The_servers_own_words_count_for_a_script_and_nothing_like_them(string line)
    {
        Assert.NotEqual(RejectionKind.Final, Read(line, _eval).Kind);
        foreach (string like in new[] { $"{line} script: 8b1c, on @user_script:1.", $"{line}!", line[..^1], $"{line.Split(' ')[0]} my own words", line.Split(' ')[0] })
            Assert.True(Read(like, _eval).Kind == RejectionKind.Final || like == "MOVED 1 127.0.0.1:", like);
    }

    private static Rejection Read(string line, CommandInfo? command = null) => Rejection.Read(Encoding.UTF8.GetBytes(line), command ?? _get);
}
