// Breaks and mends a replica's link to its master without touching clients.
using ClusterClient.Testing.Admin;

namespace ClusterClient.Testing;

/// <summary>
/// A replica that presents a user its master does not know is refused at AUTH and tries again every second, for as long as the test likes. A wrong
/// password alone would not do: a master without one accepts any.
/// </summary>
internal static class ReplicaLink
{
    private const string Stranger = "clusterclient-cut-link";

    public static async Task CutAsync(LocalNode replica, CancellationToken cancellationToken)
    {
        replica.Program.Require(
            ServerCapabilities.CutReplicaLink, "a way to cut a replica's link",
            "use Redis or Valkey, or freeze the master or the replica with LocalNode.Freeze");
        if (await replica.GetRoleAsync(cancellationToken).ConfigureAwait(false) != LocalNodeRole.Replica)
            throw new InvalidOperationException($"{replica} is no replica, so it has no link to cut.");

        await SetCredentialsAsync(replica, Stranger, Stranger, cancellationToken).ConfigureAwait(false);
        await Condition.WaitAsync($"the link of {replica} to its master to go down", replica.Patience, async token =>
        {
            // Killed again each time: a link that was being set up when the credentials changed is not there to be killed yet.
            var connection = await AdminConnection.OpenAsync(replica.Access, token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                await connection.TryExecuteAsync(["CLIENT", "KILL", "TYPE", "master"], token).ConfigureAwait(false);
            return await IsUpAsync(replica, token).ConfigureAwait(false) ? "it is still up" : null;
        }, cancellationToken).ConfigureAwait(false);
    }

    public static async Task MendAsync(LocalNode replica, CancellationToken cancellationToken)
    {
        await SetCredentialsAsync(replica, "", replica.Settings.Options.Password ?? "", cancellationToken).ConfigureAwait(false);
        await WaitUntilUpAsync(replica, cancellationToken).ConfigureAwait(false);
    }

    public static Task WaitUntilUpAsync(LocalNode replica, CancellationToken cancellationToken) =>
        Condition.WaitAsync($"the link of {replica} to its master", replica.Patience,
            async token => await IsUpAsync(replica, token).ConfigureAwait(false) ? null : "master_link_status is not up", cancellationToken);

    private static async Task<bool> IsUpAsync(LocalNode replica, CancellationToken cancellationToken)
    {
        var replication = await replica.InfoAsync("replication", cancellationToken).ConfigureAwait(false);
        return replication.GetValueOrDefault("master_link_status") is "up";
    }

    private static async Task SetCredentialsAsync(LocalNode replica, string user, string password, CancellationToken cancellationToken)
    {
        await replica.ExecuteAsync(["CONFIG", "SET", "masteruser", user], cancellationToken).ConfigureAwait(false);
        await replica.ExecuteAsync(["CONFIG", "SET", "masterauth", password], cancellationToken).ConfigureAwait(false);
    }
}
