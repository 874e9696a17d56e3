// What a typed command sends and makes of the replies to it.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Commands;

internal static class Wire
{
    public const string Ok = "+OK\r\n";
    public const string Null2 = "$-1\r\n";
    public const string Null3 = "_\r\n";

    /// <summary>The call sends these words (one bulk string each) and makes <paramref name="expected"/> of each of the replies.</summary>
    public static async Task SendsAsync<T>(string words, Func<ICommandExecutor, ValueTask<T>> call, T expected, params string[] replies)
    {
        Assert.NotEmpty(replies);
        foreach (string reply in replies)
        {
            var redis = new RecordingExecutor(reply);
            T value = await call(redis);
            Assert.Equal(Encode(words.Split(' ')), redis.Sent);
            Assert.Equal(expected, value);
            AssertInTable(redis.Info!);
        }
    }

    /// <summary>As <see cref="SendsAsync{T}"/>, for values that are looked at more closely.</summary>
    public static async Task<T> ReceivesAsync<T>(string words, Func<ICommandExecutor, ValueTask<T>> call, string reply)
    {
        var redis = new RecordingExecutor(reply);
        T value = await call(redis);
        Assert.Equal(Encode(words.Split(' ')), redis.Sent);
        AssertInTable(redis.Info!);
        return value;
    }

    /// <summary>The call is refused before anything is sent, naming the parameter.</summary>
    public static void Refuses<TException>(string parameter, Func<ICommandExecutor, object> call)
        where TException : ArgumentException
    {
        var redis = new RecordingExecutor(Ok);
        TException exception = Assert.ThrowsAny<TException>(() => { call(redis); });
        Assert.Equal(parameter, exception.ParamName);
        Assert.Null(redis.Sent);
    }

    public static string Encode(params string[] words) =>
        $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${Encoding.Latin1.GetByteCount(word)}\r\n{word}\r\n"));

    public static string Bulk(string text) => $"${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n";

    // A typed command must agree with the table on where its keys are and whether it may go to a replica.
    private static void AssertInTable(CommandInfo info)
    {
        Assert.True(CommandTable.TryFind(info.Name, out CommandInfo? row), $"{info.Name} is not in the table");
        Assert.Equal(row.Keys, info.Keys);
        Assert.Equal(row.Is(CommandFlags.ReadOnly), info.Is(CommandFlags.ReadOnly));
    }
}
