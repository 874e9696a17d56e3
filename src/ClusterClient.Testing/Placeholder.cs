namespace ClusterClient;
internal static class Placeholder;
