// Who is waited for in a round: those that can answer, however far away, and no one that is frozen.
using ClusterClient.Topology;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology;

public sealed class NodeRoundTests
{
    private static readonly NodeEndpoint _near = new("10.0.0.1", 6379), _far = new("10.0.0.2", 6379);
    private readonly FakeTime _time = new();
    private readonly SilentNodes _silent = new();
    private readonly Dictionary<NodeEndpoint, long?> _heard = new() { [_near] = 0, [_far] = 0 };
    private TaskCompletionSource<int> _nearAnswer = new(), _farAnswer = new();

    [Fact]
    public async Task Who_is_far_away_is_waited_for_as_soon_as_its_connection_stands()
    {
        _heard[_far] = null;
        Assert.Equal([_near], await AnsweredWithinTheGraceAsync());
        Assert.Equal([_near], await AskAsync().Within()); // no clock was moved

        // The handshake is through, in the fourth round trip.
        _heard[_far] = 1;
        for (int round = 0; round < 3; round++) Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(150)));
    }

    [Fact]
    public async Task Who_needs_more_than_the_grace_for_every_answer_is_heard_all_the_same()
    {
        Assert.Equal([_near], await AnsweredWithinTheGraceAsync());
        for (int round = 0; round < 3; round++)
        {
            _heard[_far]++; // the answer, late
            Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(300)));
        }

        // Frozen it costs one round more than others do, and no second one.
        Task<NodeEndpoint[]> last = AskAsync();
        _time.Advance(2 * NodeRound<int>.Grace);
        Assert.Equal([_near], await last.Within());
        Assert.Equal([_near], await AskAsync().Within());
    }

    [Fact]
    public async Task Whoever_answers_in_time_again_has_no_more_than_the_grace()
    {
        Assert.Equal([_near], await AnsweredWithinTheGraceAsync());
        _heard[_far]++;
        Assert.Equal([_near, _far], await AnsweredAfterAsync(NodeRound<int>.Grace));
        Assert.Equal([_near], await AnsweredWithinTheGraceAsync());
    }

    [Fact]
    public async Task What_comes_while_nobody_waits_for_it_counts_as_heard()
    {
        Assert.Equal([_near], await AnsweredWithinTheGraceAsync());
        Task<NodeEndpoint[]> next = AskAsync(nearIsHeld: true);
        _heard[_far]++;
        _nearAnswer.SetResult(1);
        Assert.Equal([_near], await next.Within()); // no clock was moved
        Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_a_connection_that_was_refused_is_waited_for_when_it_stands()
    {
        await FailAsync(new RedisServerException("ERR No such master with that name", "refused", Outcome.Rejected));
        Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(10)));

        _heard[_far] = null;
        await FailAsync(new RedisConnectionException("refused", ConnectionFailure.Refused, Outcome.NotExecuted));
        Assert.Equal([_near], await AskAsync().Within()); // no clock was moved
        _heard[_far] = 5;
        Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(10)));

        await FailAsync(new RedisTimeoutException("late", CommandStage.AwaitingReply, Outcome.Unknown));
        Assert.Equal([_near], await AskAsync().Within()); // no clock was moved
    }

    [Fact]
    public async Task Rounds_that_were_cut_short_blame_nobody()
    {
        using CancellationTokenSource cancel = new();
        Task<NodeEndpoint[]> cut = AskAsync(cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        _farAnswer.TrySetCanceled();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut.Within());
        Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(10)));

        Assert.Equal([_near], await AskAsync(isEnough: true).Within());
        Assert.Equal([_near, _far], await AnsweredAfterAsync(TimeSpan.FromMilliseconds(10)));
    }

    private async Task FailAsync(Exception error)
    {
        Task<NodeEndpoint[]> round = AskAsync(nearIsHeld: true);
        _farAnswer.SetException(error);
        _nearAnswer.SetResult(1);
        Assert.Equal([_near], await round.Within());
    }

    private async Task<NodeEndpoint[]> AnsweredWithinTheGraceAsync()
    {
        Task<NodeEndpoint[]> round = AskAsync();
        Assert.False(round.IsCompleted);
        _time.Advance(NodeRound<int>.Grace);
        return await round.Within();
    }

    private async Task<NodeEndpoint[]> AnsweredAfterAsync(TimeSpan time)
    {
        Task<NodeEndpoint[]> round = AskAsync();
        _time.Advance(time - TimeSpan.FromTicks(1));
        await Task.Yield();
        Assert.False(round.IsCompleted);
        _farAnswer.SetResult(1);
        return await round.Within();
    }

    private async Task<NodeEndpoint[]> AskAsync(bool nearIsHeld = false, bool isEnough = false, CancellationToken cancellationToken = default)
    {
        (_nearAnswer, _farAnswer) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!nearIsHeld) _nearAnswer.SetResult(1);
        NodeRound<int> round = new(_time) { Silent = _silent, LastHeard = node => _heard[node], IsEnough = _ => isEnough };
        RoundResult<int> result = await round.AskAsync([_near, _far], (node, _) => new(node == _near ? _nearAnswer.Task : _farAnswer.Task), cancellationToken);
        Assert.Equal(2, result.Answers.Count + result.Failures.Count + result.Silent.Count);
        return [.. result.Answers.Select(static answer => answer.Node)];
    }
}
