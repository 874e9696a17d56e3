// The bounded buffer between a connection's reader and one consumer.
using System.Threading.Tasks.Sources;

namespace ClusterClient.PubSub;

/// <summary>What became of a message.</summary>
internal enum BufferedMessage
{
    /// <summary>It is in the buffer.</summary>
    Added,

    /// <summary>It is in the buffer, and the consumer waits: wake it.</summary>
    AddedForWaiting,

    /// <summary>A message was dropped, the first since the consumer took one.</summary>
    FirstDropped,

    /// <summary>A message was dropped.</summary>
    Dropped,

    /// <summary>There was no room, and the subscription ends with that.</summary>
    Overflowed,

    /// <summary>The buffer takes nothing any more.</summary>
    Ended,
}

/// <summary>One writer at a time, the reader of a connection, which never waits; one consumer at a time.</summary>
internal sealed class MessageBuffer(SubscriptionOptions options) : IValueTaskSource<bool>
{
    private const int FirstSize = 16;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private RedisMessage[] _ring = [];
    private int _head;
    private int _count;
    private long _bytes;
    private long _dropped;
    private bool _isWaiting;
    private bool _isDropping;
    private bool _hasGap;
    private bool _isEnded;
    private Exception? _failure;

    /// <summary>Messages dropped for want of room.</summary>
    internal long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Messages that wait for the consumer.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The next message that is added follows a gap.</summary>
    internal void MarkGap()
    {
        lock (_gate) _hasGap = true;
    }

    /// <summary>Adds a message, or drops one. Never waits; does not wake the consumer.</summary>
    internal BufferedMessage Add(in RedisMessage message)
    {
        lock (_gate)
        {
            if (_isEnded) return BufferedMessage.Ended;
            if (HasRoomFor(message.Size))
            {
                Append(message);
                if (!_isWaiting) return BufferedMessage.Added;
                _isWaiting = false;
                return BufferedMessage.AddedForWaiting;
            }

            if (options.Overflow == SubscriptionOverflow.Close) return BufferedMessage.Overflowed;
            if (options.Overflow == SubscriptionOverflow.DropNewest)
            {
                Drop();
                _hasGap = true;
            }
            else
            {
                while (!HasRoomFor(message.Size)) RemoveOldest();
                Append(message);
            }

            bool isFirst = !_isDropping;
            _isDropping = true;
            return isFirst ? BufferedMessage.FirstDropped : BufferedMessage.Dropped;
        }
    }

    /// <summary>Nothing is added any more; what waits can still be taken, then the consumer sees the end.</summary>
    /// <param name="failure">Why, or null when it is as it should be. Only the first end counts.</param>
    /// <param name="isDiscarding">Whether what waits is dropped.</param>
    internal void End(Exception? failure, bool isDiscarding)
    {
        lock (_gate)
        {
            if (isDiscarding)
            {
                _ring = [];
                _head = _count = 0;
                _bytes = 0;
            }

            if (_isEnded) return;
            _isEnded = true;
            _failure = failure;
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        Wake();
    }

    /// <summary>Wakes a consumer whose wait <see cref="Add"/> has ended.</summary>
    internal void Wake() => _signal.SetResult(true);

    /// <summary>Ends the consumer's wait, if it waits.</summary>
    internal void Interrupt()
    {
        lock (_gate)
        {
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        Wake();
    }

    /// <summary>Takes the oldest message. False when there is none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isEnded">Whether there will never be another.</param>
    /// <param name="failure">Why it has ended, or null.</param>
    internal bool TryTake(out RedisMessage message, out bool isEnded, out Exception? failure)
    {
        lock (_gate)
        {
            isEnded = false;
            failure = null;
            _isDropping = false;
            if (_count > 0)
            {
                message = Remove();
                return true;
            }

            message = default;
            isEnded = _isEnded;
            failure = _failure;
            return false;
        }
    }

    /// <summary>Waits until there may be something to take. One waits at a time.</summary>
    internal ValueTask<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (_count > 0 || _isEnded) return ValueTask.FromResult(true);
            _signal.Reset();
            _isWaiting = true;
            return new ValueTask<bool>(this, _signal.Version);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _signal.OnCompleted(continuation, state, token, flags);

    private bool HasRoomFor(int size) => _count == 0 || (_count < options.Capacity && _bytes + size <= options.MaxBytes);

    private void Append(in RedisMessage message)
    {
        if (_count == _ring.Length) Grow();
        int index = _head + _count;
        if (index >= _ring.Length) index -= _ring.Length;
        _ring[index] = _hasGap ? message.AfterGap() : message;
        _hasGap = false;
        _count++;
        _bytes += message.Size;
    }

    /// <summary>The message behind the dropped one is the first that follows the gap.</summary>
    private void RemoveOldest()
    {
        Remove();
        Drop();
        if (_count > 0) _ring[_head] = _ring[_head].AfterGap();
        else _hasGap = true;
    }

    private RedisMessage Remove()
    {
        RedisMessage message = _ring[_head];
        _ring[_head] = default;
        if (++_head == _ring.Length) _head = 0;
        _count--;
        _bytes -= message.Size;
        return message;
    }

    private void Drop() => Volatile.Write(ref _dropped, _dropped + 1);

    private void Grow()
    {
        RedisMessage[] larger = new RedisMessage[Math.Min(Math.Max(FirstSize, _ring.Length * 2), Math.Max(options.Capacity, FirstSize))];
        for (int i = 0; i < _count; i++) larger[i] = _ring[(_head + i) % _ring.Length];
        _ring = larger;
        _head = 0;
    }
}
