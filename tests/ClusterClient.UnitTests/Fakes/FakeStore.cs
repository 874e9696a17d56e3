// The data of a fake server: enough commands for clients to have something true to check.
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>Its server runs one command at a time; tests look in from outside.</summary>
internal sealed class FakeStore
{
    private readonly ConcurrentDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    public byte[]? this[string key]
    {
        get => _values.GetValueOrDefault(key);
        set
        {
            if (value is null) _values.TryRemove(key, out _);
            else _values[key] = value;
        }
    }

    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>Takes a key's value over from another store, as MIGRATE does.</summary>
    public void MoveTo(FakeStore other, string key)
    {
        if (_values.TryRemove(key, out byte[]? value)) other._values[key] = value;
    }

    public ICollection<string> Keys => _values.Keys;

    /// <summary>The answer, or null when the command is not known here.</summary>
    public FakeAnswer? TryAnswer(FakeCommand command)
    {
        switch (command.Name)
        {
            case "PING":
                return command.Count switch
                {
                    1 => FakeAnswer.Simple("PONG"),
                    2 => FakeAnswer.Bulk(command.Words[1]),
                    _ => FakeAnswer.Error("ERR wrong number of arguments for 'ping' command"),
                };
            case "ECHO":
                return FakeAnswer.Bulk(command.Words[1]);
            case "GET":
                return FakeAnswer.Bulk(_values.GetValueOrDefault(command[1]));
            case "SET":
                _values[command[1]] = command.Words[2];
                return FakeAnswer.Ok;
            case "INCR":
                return Increment(command[1], 1);
            case "INCRBY":
                return Increment(command[1], long.Parse(command[2], CultureInfo.InvariantCulture));
            case "APPEND":
                return Append(command[1], command.Words[2]);
            case "DEL" or "UNLINK":
                return FakeAnswer.Integer(command.Words.Skip(1).Count(word => _values.TryRemove(Encoding.Latin1.GetString(word), out _)));
            case "EXISTS":
                return FakeAnswer.Integer(command.Words.Skip(1).Count(word => Contains(Encoding.Latin1.GetString(word))));
            case "MGET":
                return FakeAnswer.Bulks([.. command.Words.Skip(1).Select(word => (RedisValue)_values.GetValueOrDefault(Encoding.Latin1.GetString(word)))]);
            case "DBSIZE":
                return FakeAnswer.Integer(_values.Count);
            case "KEYS":
                return FakeAnswer.Bulks([.. Keys.Select(static key => (RedisValue)key)]);
            case "RANDOMKEY":
                return Keys.FirstOrDefault() is { } any ? FakeAnswer.Bulk(any) : FakeAnswer.Null;
            case "FLUSHALL" or "FLUSHDB":
                _values.Clear();
                return FakeAnswer.Ok;
            case "MSET":
                for (int i = 1; i + 1 < command.Count; i += 2) _values[command[i]] = command.Words[i + 1];
                return FakeAnswer.Ok;
            default:
                return null;
        }
    }

    private FakeAnswer Increment(string key, long by)
    {
        long value = (_values.TryGetValue(key, out byte[]? bytes) ? long.Parse(bytes, CultureInfo.InvariantCulture) : 0) + by;
        _values[key] = Encoding.Latin1.GetBytes(value.ToString(CultureInfo.InvariantCulture));
        return FakeAnswer.Integer(value);
    }

    private FakeAnswer Append(string key, byte[] tail)
    {
        byte[] value = [.. _values.GetValueOrDefault(key) ?? [], .. tail];
        _values[key] = value;
        return FakeAnswer.Integer(value.Length);
    }
}
