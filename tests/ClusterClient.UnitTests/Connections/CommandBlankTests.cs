// What stands in for a withdrawn command: always one whole command of the same length.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Connections;

public class CommandBlankTests
{
    [Fact]
    public void Every_length_becomes_one_whole_harmless_command()
    {
        for (int length = 14; length <= 5000; length++) Check(length);
    }

    [Fact]
    public void The_lengths_around_each_new_digit_of_a_header_do_too()
    {
        foreach (int digits in new[] { 10_000, 100_000, 1_000_000 })
        {
            for (int length = digits - 20; length < digits + 60; length++) Check(length);
        }
    }

    [Fact]
    public void Only_a_bare_name_of_three_letters_is_too_short()
    {
        byte[] shortest = new byte[64];
        int length = CommandEncoder.Write(new Command(new CommandInfo("GET", KeySpec.None, CommandFlags.None)), shortest);
        Assert.Equal(13, length);
        Assert.False(CommandEncoder.CanBlank(length));
        Assert.True(CommandEncoder.CanBlank(CommandEncoder.Write(new Command(new CommandInfo("PING", KeySpec.None, CommandFlags.None)), shortest)));
        Assert.Throws<InvalidOperationException>(() => CommandEncoder.Blank(new byte[13]));
    }

    private static void Check(int length)
    {
        // Noise around it: not one byte outside may change.
        byte[] page = new byte[length + 32];
        page.AsSpan().Fill((byte)'x');
        CommandEncoder.Blank(page.AsSpan(16, length));
        Assert.True(page.AsSpan(0, 16).IndexOfAnyExcept((byte)'x') < 0 && page.AsSpan(16 + length).IndexOfAnyExcept((byte)'x') < 0, $"{length}: wrote outside");

        RespFrameScanner scanner = new(RespLimits.Default);
        Assert.True(scanner.TryScan(page.AsSpan(16, length), out int frame), $"{length}: not a whole frame");
        Assert.True(length == frame, $"{length}: a frame of {frame} bytes");
        RespReader reader = new(page.AsSpan(16, length));
        Assert.True(reader.Read());
        Assert.Equal(RespType.Array, reader.Type);
        int words = reader.Count;
        Assert.InRange(words, 1, 3);
        for (int i = 0; i < words; i++)
        {
            Assert.True(reader.Read());
            Assert.Equal(RespType.BulkString, reader.Type);
            Assert.False(reader.IsNull);
            if (i == 0) Assert.StartsWith("PING", Encoding.ASCII.GetString(reader.Span), StringComparison.Ordinal);
            else Assert.True(reader.Span.IndexOfAnyExcept((byte)'.') < 0, $"{length}: an argument that is not filler");
        }

        Assert.False(reader.Read());
    }
}
