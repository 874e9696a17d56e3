// The floor of a fan-out: one bare connection publishes, another receives, and each message counts once for each subscriber.
using System.Text;

namespace ClusterClient.Bench.Load;

internal static class RawFanOut
{
    private const int Messages = FanOut.BatchSize * FanOut.Batches;

    public static async Task RunAsync(Target target, Workload workload, byte[] value, RunWindow window)
    {
        byte[] channel = Encoding.ASCII.GetBytes(FanOut.Channel);
        await using RawConnection publisher = new(await target.OpenAsync(target.Masters[0], CancellationToken.None));
        await using RawConnection subscriber = new(await target.OpenAsync(target.Masters[0], CancellationToken.None));
        await subscriber.SendAsync(AdminConnection.Encode(["SUBSCRIBE"u8.ToArray(), channel]));
        await subscriber.ReceiveAsync();
        RawBatch publish = RawBatch.Of(Enumerable.Repeat(new RawCommand(AdminConnection.Encode(["PUBLISH"u8.ToArray(), channel, value]), ":1\r\n".Length), Messages));

        // In RESP2 a message is an array of three strings, as the command is.
        long bytes = (long)Messages * AdminConnection.Encode(["message"u8.ToArray(), channel, value]).Length;
        var receive = new RawBatch(Messages, ReadOnlyMemory<byte>.Empty, bytes);
        await RawConnection.RunAsync([(publisher, publish), (subscriber, receive)], Messages * workload.Callers, window.AddRecorder());
    }
}
