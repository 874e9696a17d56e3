// Holds a compiled assembly to the import rule: who uses whom, by metadata and IL, and where each stands, by the debug symbols.
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ClusterClient.UnitTests.Quality;

internal static class LayerChecker
{
    /// <summary>Every use that breaks the rule, as <c>User (Folder) uses Used (Folder): why</c>; in order, each once.</summary>
    /// <param name="assemblyPath">The assembly, its portable PDB beside it.</param>
    /// <param name="sourceFolder">The folder whose children are the layers, as its source paths show it: <c>/src/ClusterClient/</c>.</param>
    /// <param name="order">The rule.</param>
    public static IReadOnlyList<string> Violations(string assemblyPath, string sourceFolder, LayerOrder order)
    {
        using PEReader assembly = new(File.OpenRead(assemblyPath));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assemblyPath, ".pdb")));
        MetadataReader metadata = assembly.GetMetadataReader();
        TypeFolders folders = new(metadata, symbols.GetMetadataReader(), sourceFolder);
        TypeUses uses = new(assembly, metadata);
        SortedSet<string> violations = new(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle type in metadata.TypeDefinitions)
        {
            TypeDefinitionHandle user = TypeFolders.Outermost(metadata, type);
            if (folders.Of(user) is not { } userFolder) continue;
            foreach (TypeDefinitionHandle used in uses.Of(type).Select(handle => TypeFolders.Outermost(metadata, handle)))
            {
                if (folders.Of(used) is { } usedFolder && order.Objection(userFolder, usedFolder) is { } why)
                    violations.Add($"{Name(metadata, user)} ({userFolder}) uses {Name(metadata, used)} ({usedFolder}): {why}");
            }
        }

        return [.. violations];
    }

    /// <summary>Types whose namespace is neither the root one nor that of their folder or of one inside it.</summary>
    public static IReadOnlyList<string> MisplacedNamespaces(string assemblyPath, string sourceFolder, string rootNamespace)
    {
        using PEReader assembly = new(File.OpenRead(assemblyPath));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assemblyPath, ".pdb")));
        MetadataReader metadata = assembly.GetMetadataReader();
        TypeFolders folders = new(metadata, symbols.GetMetadataReader(), sourceFolder);
        return
        [
            .. from type in metadata.TypeDefinitions
               where metadata.GetTypeDefinition(type).GetDeclaringType().IsNil
               let folder = folders.Of(type)
               let space = metadata.GetString(metadata.GetTypeDefinition(type).Namespace)
               where folder is not null && space != rootNamespace && !$"{space}.".StartsWith($"{rootNamespace}.{folder}.", StringComparison.Ordinal)
               select $"{Name(metadata, type)} stands in {folder}",
        ];
    }

    private static string Name(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
