// Waits for a condition, bounded in time.
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ClusterClient.UnitTests.Fakes;

internal static class Until
{
    /// <summary>Generous: the machines that run tests are busy, and only a failure ever takes that long.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as the condition holds; fails the test when it does not within the limit.</summary>
    public static async Task HoldsAsync(Func<bool> condition, Func<string>? state = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit) Assert.Fail($"Waited {Limit.TotalSeconds} s in vain for {what}. {state?.Invoke()}");
            await Task.Delay(2);
        }
    }

    /// <summary>The result of a task that must end within the limit: a call that hangs fails its test instead of stopping the run.</summary>
    public static Task<T> EndsAsync<T>(ValueTask<T> task) => EndsAsync(task.AsTask());

    /// <inheritdoc cref="EndsAsync{T}(ValueTask{T})"/>
    public static Task<T> EndsAsync<T>(Task<T> task) => task.WaitAsync(Limit);

    /// <inheritdoc cref="EndsAsync{T}(ValueTask{T})"/>
    public static Task EndsAsync(Task task) => task.WaitAsync(Limit);

    /// <summary>The failure a call ends with.</summary>
    public static async Task<TException> FailsAsync<TException>(Task task) where TException : Exception
    {
        Exception? failure = await Record.ExceptionAsync(() => task.WaitAsync(Limit));
        return Assert.IsType<TException>(failure);
    }

    /// <inheritdoc cref="FailsAsync{TException}(Task)"/>
    public static Task<TException> FailsAsync<TException>(Func<ValueTask> call) where TException : Exception => FailsAsync<TException>(RunAsync(call));

    /// <inheritdoc cref="FailsAsync{TException}(Task)"/>
    public static Task<TException> FailsAsync<TException, T>(ValueTask<T> call) where TException : Exception => FailsAsync<TException>(call.AsTask());

    /// <summary>The timeout of a call that passes through several stages again and again: repeated until the deadline meets the wanted one.</summary>
    public static async Task<RedisTimeoutException> IsLateAsync<T>(CommandStage stage, Func<ValueTask<T>> call)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            RedisTimeoutException late = await FailsAsync<RedisTimeoutException, T>(call());
            if (late.Stage == stage) return late;
            Assert.Equal(late.Stage == CommandStage.AwaitingReply ? Outcome.Unknown : Outcome.NotExecuted, late.Outcome);
        }

        Assert.Fail($"No deadline was met at the stage {stage}.");
        return null!;
    }

    private static async Task RunAsync(Func<ValueTask> call) => await call();
}
