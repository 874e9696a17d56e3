// An executor that records the bytes a command has on the wire and feeds a given reply through the call's own parser.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Commands;

internal sealed class RecordingExecutor(string reply) : ICommandExecutor
{
    public string? Sent { get; private set; }

    public CommandInfo? Info { get; private set; }

    public CancellationToken Token { get; private set; }

    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> parser, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[CommandEncoder.MaxLength(command)];
        Sent = Encoding.Latin1.GetString(bytes, 0, CommandEncoder.Write(command, bytes));
        Info = command.Info;
        Token = cancellationToken;
        var reader = new RespReader(Encoding.Latin1.GetBytes(reply));
        Assert.True(reader.Read());
        T value = parser.Parse(ref reader);
        Assert.False(reader.Read(), "the parser left something of the reply unread");
        return ValueTask.FromResult(value);
    }
}
