// Nodes that answer by script, freeze and refuse, without any I/O.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.UnitTests.Topology.Support;

internal sealed class ScriptedNodes : INodeQuery
{
    private readonly ConcurrentDictionary<NodeEndpoint, Func<string, CancellationToken, Task<byte[]>>> _answers = [];
    private readonly ConcurrentDictionary<NodeEndpoint, bool> _unreachable = [];
    private readonly ConcurrentDictionary<NodeEndpoint, bool> _denying = [];
    private readonly ConcurrentDictionary<NodeEndpoint, long> _heard = [];
    private ImmutableList<(NodeEndpoint Node, string Command)> _asked = [];

    /// <summary>Everything asked so far, in order.</summary>
    public ImmutableList<(NodeEndpoint Node, string Command)> Asked => Volatile.Read(ref _asked);

    public int CountOf(string command) => Asked.Count(question => question.Command == command);

    public HashSet<NodeEndpoint> NodesAsked => [.. Asked.Select(question => question.Node)];

    public void Forget() => Volatile.Write(ref _asked, []);

    /// <summary>A node answers CLUSTER SLOTS and CLUSTER NODES from a picture, and HELLO as part of a cluster.</summary>
    public ScriptedNodes Serve(Picture picture) => Serve(picture.Source, command => command switch
    {
        "CLUSTER SLOTS" => picture.SlotsReply(),
        "CLUSTER NODES" => Reply.Bulk(picture.NodesText()),
        "HELLO" => Hello("cluster", "master"),
        _ => $"-ERR unknown command '{command}'\r\n",
    });

    /// <summary>Every member of a picture answers from it.</summary>
    public ScriptedNodes ServeAll(Picture picture)
    {
        foreach (Member member in picture.Members) Serve(picture.SeenBy(member.Name));
        return this;
    }

    public ScriptedNodes Serve(NodeEndpoint node, Func<string, string> answer) => Serve(node, (command, _) => Task.FromResult(Encoding.UTF8.GetBytes(answer(command))));

    public ScriptedNodes Serve(NodeEndpoint node, Func<string, CancellationToken, Task<byte[]>> answer)
    {
        _answers[node] = answer;
        _unreachable[node] = _denying[node] = false;
        Hear(node);
        return this;
    }

    /// <summary>A node that never answers, nor ends when it is cancelled: the worst a connection could do.</summary>
    public ScriptedNodes Freeze(NodeEndpoint node) => Serve(node, (_, _) => new TaskCompletionSource<byte[]>().Task);

    public ScriptedNodes Refuse(NodeEndpoint node) => Serve(node, (_, _) => Task.FromException<byte[]>(
        new RedisConnectionException($"connection to {node} refused", ConnectionFailure.Refused, Outcome.NotExecuted)));

    /// <summary>A node that cannot be connected to, as its connection has it: a question waits for the next attempt, which comes after everybody else's answer.</summary>
    public ScriptedNodes Lose(NodeEndpoint node)
    {
        Freeze(node);
        _unreachable[node] = true;
        return this;
    }

    /// <summary>A node that answers nobody's connection but with a refusal, as its connection has it: a question waits for the next attempt.</summary>
    public ScriptedNodes Deny(NodeEndpoint node)
    {
        Lose(node);
        _denying[node] = true;
        return this;
    }

    /// <summary>The same, where the question is answered by the refusal.</summary>
    public ScriptedNodes DenyAtOnce(NodeEndpoint node) => Serve(node, (_, _) => Task.FromException<byte[]>(
        new RedisConnectionException($"{node} has reached its maxclients", ConnectionFailure.Refused, Outcome.NotExecuted) { LeavesNodeAlive = true }));

    /// <summary>Something comes from a node, whatever it is.</summary>
    public void Hear(NodeEndpoint node) => _heard.AddOrUpdate(node, 1, static (_, before) => before + 1);

    /// <summary>How often each node was to be dialled without waiting for its back-off.</summary>
    public ConcurrentQueue<NodeEndpoint> Hurried { get; } = new();

    public void Hurry(NodeEndpoint node) => Hurried.Enqueue(node);

    public long? LastHeard(NodeEndpoint node) => _heard.GetValueOrDefault(node);

    public bool IsUnreachable(NodeEndpoint node) => _unreachable.GetValueOrDefault(node);

    public bool SeemsDead(NodeEndpoint node) => IsUnreachable(node) && !_denying.GetValueOrDefault(node);

    /// <summary>From here on a node's answers wait until the gate opens.</summary>
    public ScriptedNodes Hold(NodeEndpoint node, Task gate)
    {
        Func<string, CancellationToken, Task<byte[]>> answer = _answers[node];
        return Serve(node, async (command, token) =>
        {
            byte[] reply = await answer(command, token); // what was true when it was asked
            await gate.WaitAsync(token);
            return reply;
        });
    }

    public async ValueTask<T> QueryAsync<T>(NodeEndpoint node, Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        ImmutableInterlocked.Update(ref _asked, static (asked, question) => asked.Add(question), (node, command.Info.Name));
        if (!_answers.TryGetValue(node, out var answer))
        {
            throw new RedisConnectionException($"nobody listens at {node}", ConnectionFailure.Refused, Outcome.NotExecuted);
        }

        return Reply.Parse(reply, await answer(command.Info.Name, cancellationToken));
    }

    public static string Hello(string mode, string role) =>
        $"*12\r\n{Reply.Bulk("server")}{Reply.Bulk("redis")}{Reply.Bulk("version")}{Reply.Bulk("7.0.0")}{Reply.Bulk("proto")}:2\r\n{Reply.Bulk("id")}:5\r\n" +
        $"{Reply.Bulk("mode")}{Reply.Bulk(mode)}{Reply.Bulk("role")}{Reply.Bulk(role)}";
}
