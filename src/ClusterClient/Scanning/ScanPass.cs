// One walk over one process' keys, and what is done of the whole.
namespace ClusterClient.Scanning;

/// <summary>A walk over the keys of one server process.</summary>
/// <param name="Member">The node: its id in the cluster; empty outside one.</param>
/// <param name="Process">The process: SCAN's cursor is a place in a hash table whose seed is drawn when the process starts.</param>
/// <param name="Term">What changes whenever the node gains slots or mastership: see <see cref="NodeClaim"/>.</param>
/// <param name="Slots">What the walk still can cover: what the node has owned all the time since the walk began.</param>
/// <param name="Cursor">Where the node goes on.</param>
/// <param name="IsThrough">Whether the node has said that there is no more.</param>
internal sealed record ScanPass(string Member, string Process, string Term, SlotSet Slots, ulong Cursor = 0, bool IsThrough = false);

/// <summary>How far a scan is.</summary>
/// <param name="Mark">Of what it looks for: see <see cref="ScanFilter.Mark"/>.</param>
/// <param name="Covered">The slots of which every key has been given.</param>
/// <param name="Pass">The walk it is in, or null.</param>
internal sealed record ScanState(ushort Mark, SlotSet Covered, ScanPass? Pass);
