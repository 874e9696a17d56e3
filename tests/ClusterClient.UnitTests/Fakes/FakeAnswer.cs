// What a fake server does about one command: bytes, pauses, an end.
using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal enum FakeStepKind
{
    /// <summary>Send bytes; joined with those of the following commands while more input is at hand.</summary>
    Write,

    /// <summary>Send bytes one by one.</summary>
    WriteByteByByte,

    /// <summary>Wait for the gate; the connection stands still, as a server does that is busy.</summary>
    Wait,

    /// <summary>Close the connection in an orderly way.</summary>
    Close,

    /// <summary>Reset the connection (RST).</summary>
    Reset,
}

internal readonly record struct FakeStep(FakeStepKind Kind, ReadOnlyMemory<byte> Bytes = default, Gate? Gate = null);

/// <summary>Steps that are done in order. Immutable; put together with <see cref="Then"/> and <see cref="After"/>.</summary>
internal sealed class FakeAnswer
{
    private FakeAnswer(ImmutableArray<FakeStep> steps) => Steps = steps;

    public ImmutableArray<FakeStep> Steps { get; }

    public static FakeAnswer Ok { get; } = Simple("OK");

    /// <summary>No answer; the next command is read as if there had been one. What follows is out of step: a broken server.</summary>
    public static FakeAnswer Nothing { get; } = new([]);

    /// <summary>No answer, now or ever, and no command is read any more: a server that hangs.</summary>
    public static FakeAnswer Hang { get; } = new([new(FakeStepKind.Wait, Gate: new Gate())]);

    public static FakeAnswer Close { get; } = new([new(FakeStepKind.Close)]);

    public static FakeAnswer Reset { get; } = new([new(FakeStepKind.Reset)]);

    /// <summary>RESP2's null string, which RESP3 readers take as well.</summary>
    public static FakeAnswer Null { get; } = Raw("$-1\r\n");

    public static FakeAnswer Simple(string text) => Raw($"+{text}\r\n");

    public static FakeAnswer Error(string line) => Raw($"-{line}\r\n");

    public static FakeAnswer Integer(long value) => Raw($":{value}\r\n");

    public static FakeAnswer Bulk(RedisValue value) => Written(writer => RespWriter.WriteBulkString(writer, value));

    public static FakeAnswer Bulks(params RedisValue[] values) => Written(writer =>
    {
        RespWriter.WriteArrayHeader(writer, values.Length);
        foreach (RedisValue value in values) RespWriter.WriteBulkString(writer, value);
    });

    /// <summary>Bytes as they are, one for each character.</summary>
    public static FakeAnswer Raw(string bytes) => Raw(Encoding.Latin1.GetBytes(bytes));

    public static FakeAnswer Raw(ReadOnlyMemory<byte> bytes) => new([new(FakeStepKind.Write, bytes)]);

    public static FakeAnswer Written(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> writer = new();
        write(writer);
        return Raw(writer.WrittenMemory);
    }

    /// <summary>The same, every byte in a packet of its own.</summary>
    public FakeAnswer ByteByByte() => new([.. Steps.Select(static step => step.Kind == FakeStepKind.Write ? step with { Kind = FakeStepKind.WriteByteByByte } : step)]);

    /// <summary>The same, once the gate is open.</summary>
    public FakeAnswer After(Gate gate) => new([new(FakeStepKind.Wait, Gate: gate), .. Steps]);

    public FakeAnswer Then(FakeAnswer next) => new([.. Steps, .. next.Steps]);
}
