// Results as JSON, with every round and every goal, for programs.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterClient.Bench.Load;

internal static class JsonReport
{
    private static readonly JsonSerializerOptions _options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static string Render<T>(T results) => JsonSerializer.Serialize(results, _options) + "\n";
}
