// What a command is, as bits: everything routing, retry and read policy need to know of it.
namespace ClusterClient.Protocol;

/// <summary>The properties of a command that decide where it may go and whether it may be sent again.</summary>
[Flags]
public enum CommandFlags
{
    /// <summary>A write, or something that must be treated as one.</summary>
    None = 0,

    /// <summary>Changes no data: may go to a replica and may be sent again after a lost connection.</summary>
    ReadOnly = 1,

    /// <summary>Running it twice leaves the same state and reply meaning as running it once.</summary>
    Idempotent = 2,

    /// <summary>May hold its connection until something happens: refused on the shared connection.</summary>
    Blocking = 4,

    /// <summary>Changes the state or the reply count of the connection it runs on: refused on the shared connection.</summary>
    ChangesConnection = 8,

    /// <summary>Names cursors of one server process: never sent again to another.</summary>
    ProcessBound = 16,

    /// <summary>Its keys cannot be told from positions; ask <c>COMMAND GETKEYS</c> or a finder of its own.</summary>
    MovableKeys = 32,

    /// <summary>Runs user code (EVAL, FCALL): an error reply may come from half-way.</summary>
    Script = 64,

    /// <summary>Answers from any node equally well (PING, TIME, ECHO).</summary>
    AnyNode = 128,
}
