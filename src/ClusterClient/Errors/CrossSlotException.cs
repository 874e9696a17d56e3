// A command whose keys live in different slots.
namespace ClusterClient;

/// <summary>The keys of one command hash to different slots, which a cluster cannot serve in one go. Nothing was sent.</summary>
public sealed class CrossSlotException : RedisException
{
    /// <summary>Makes an exception for a command refused before sending.</summary>
    public CrossSlotException(string message) : base(message, Outcome.NotExecuted)
    {
    }
}
