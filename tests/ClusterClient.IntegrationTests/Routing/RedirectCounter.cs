// Counts the redirects that one client meets, through its public metrics.
using ClusterClient.IntegrationTests.Testing;

namespace ClusterClient.IntegrationTests.Routing;

/// <summary>Counts redirects that nodes at the given ports answered: other tests' clients in this process count elsewhere.</summary>
internal sealed class RedirectCounter(IEnumerable<int> ports) : MeasuredCount("clusterclient.redirections", "server.port", ports.Cast<object>());
