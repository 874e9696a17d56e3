// Every message, measure and span that exists is written by somebody: a metric that stays at zero lies.
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ClusterClient.UnitTests.Quality;

public class DiagnosticsUseTests
{
    private static readonly string[] s_watched = ["Log", "Telemetry", "NodeTelemetry"];

    [Fact]
    public void Every_message_and_measure_has_a_writer()
    {
        using PEReader assembly = new(File.OpenRead(typeof(RedisException).Assembly.Location));
        MetadataReader metadata = assembly.GetMetadataReader();
        HashSet<EntityHandle> used = [];
        Dictionary<EntityHandle, string> offered = [];
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            bool isDiagnostics = metadata.GetString(type.Namespace) is "ClusterClient.Diagnostics";
            string name = metadata.GetString(type.Name);
            foreach (MethodDefinitionHandle item in type.GetMethods())
            {
                MethodDefinition method = metadata.GetMethodDefinition(item);
                bool isPublic = (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public;
                if (isDiagnostics && isPublic && !method.Attributes.HasFlag(MethodAttributes.SpecialName) && s_watched.Contains(name))
                    offered[item] = $"{name}.{metadata.GetString(method.Name)}";
                if (!isDiagnostics && method.RelativeVirtualAddress != 0) used.UnionWith(IlTokens.Of(assembly.GetMethodBody(method.RelativeVirtualAddress)));
            }
        }

        Assert.True(offered.Count > 20, $"only {offered.Count} methods found");
        Findings.None(offered.Where(pair => !used.Contains(pair.Key)).Select(static pair => $"nobody calls {pair.Value}").Order(StringComparer.Ordinal));
    }
}
