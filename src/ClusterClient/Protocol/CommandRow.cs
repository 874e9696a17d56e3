// What one row of the command table says of the commands it names.
namespace ClusterClient.Protocol;

/// <summary>One row of the command table, read.</summary>
/// <param name="Keys">Where the keys stand.</param>
/// <param name="Finder">Finds keys that positions cannot tell.</param>
/// <param name="Flags">What the commands are.</param>
/// <param name="Route">Where they go without keys.</param>
/// <param name="Join">How the replies of several nodes become one.</param>
/// <param name="Split">Whether they may be cut into one command a slot, and how the replies become one then.</param>
/// <param name="IsContainer">Whether their first argument is a subcommand.</param>
internal readonly record struct CommandRow(
    KeySpec Keys, KeyFinder? Finder, CommandFlags Flags, KeylessRoute Route, KeylessJoin Join, SplitJoin Split, bool IsContainer);
