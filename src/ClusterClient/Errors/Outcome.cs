// What is known of a command's effect when it did not end well.
namespace ClusterClient;

/// <summary>What is known about the effect of a command that failed.</summary>
public enum Outcome
{
    /// <summary>The command did not run and will not run: it never left this process, or the server said so. Sending it again is safe.</summary>
    NotExecuted,

    /// <summary>The server read the command and refused it with an error reply; it changed nothing.</summary>
    Rejected,

    /// <summary>Some parts of the command ran and others did not: a command split over several slots, or a script that failed half-way.</summary>
    PartlyExecuted,

    /// <summary>
    /// The command was handed to the network and no reply came back. It may have run, it may not have, and it
    /// <b>may still run later</b>: a frozen server that thaws executes what was in its buffers.
    /// </summary>
    Unknown,
}
