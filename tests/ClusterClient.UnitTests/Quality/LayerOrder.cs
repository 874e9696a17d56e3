// The import rule: which folder may use which.
namespace ClusterClient.UnitTests.Quality;

/// <summary>Folders from the lowest to the highest. A folder may use those of lower layers; folders of one layer are blind to each other.</summary>
internal sealed class LayerOrder(params string[][] layers)
{
    /// <summary>The order inside <c>src/ClusterClient</c>; a file at its root stands under its own name.</summary>
    public static LayerOrder ClusterClient { get; } = new(
        ["Errors"], ["Configuration"], ["Diagnostics"], ["Protocol"], ["Connections"], ["Topology"], ["Routing"], ["Commands"],
        ["PubSub", "Scripting", "Transactions", "ClientCaching", "Scanning"],
        ["RedisClient.cs"]);

    /// <summary>Why <paramref name="user"/> may not use <paramref name="used"/>, or null when it may.</summary>
    public string? Objection(string user, string used)
    {
        if (user == used) return null;
        int from = LayerOf(user);
        int to = LayerOf(used);
        return from < 0 ? $"{user} is not in the list of layers"
            : to < 0 ? $"{used} is not in the list of layers"
            : to < from ? null
            : to == from ? "features are blind to each other"
            : "a folder may use only folders above it in the list";
    }

    private int LayerOf(string folder) => Array.FindIndex(layers, layer => layer.Contains(folder));
}
