// In which folder each type's source stands, by the portable PDB.
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace ClusterClient.UnitTests.Quality;

internal sealed class TypeFolders
{
    /// <summary>The C# compiler records under this id the documents of types that have no method with a body: enums, interfaces, delegates.</summary>
    private static readonly Guid s_typeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly Dictionary<TypeDefinitionHandle, string> _folders = [];
    private readonly MetadataReader _symbols;
    private readonly string _sourceFolder;

    public TypeFolders(MetadataReader metadata, MetadataReader symbols, string sourceFolder)
    {
        _symbols = symbols;
        _sourceFolder = sourceFolder;
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinitionHandle owner = Outermost(metadata, handle);
            foreach (DocumentHandle document in DocumentsOf(metadata, handle)) Place(owner, document);
        }
    }

    /// <summary>The folder under the source folder, or the file's name when it stands directly there; null for what the compiler or a generator made, or what stands elsewhere.</summary>
    public string? Of(TypeDefinitionHandle outermost) => _folders.GetValueOrDefault(outermost);

    /// <summary>Nested types, closures and state machines belong to the type they are written in.</summary>
    public static TypeDefinitionHandle Outermost(MetadataReader metadata, TypeDefinitionHandle type)
    {
        while (metadata.GetTypeDefinition(type).GetDeclaringType() is { IsNil: false } outer) type = outer;
        return type;
    }

    private IEnumerable<DocumentHandle> DocumentsOf(MetadataReader metadata, TypeDefinitionHandle type)
    {
        foreach (MethodDefinitionHandle method in metadata.GetTypeDefinition(type).GetMethods())
        {
            MethodDebugInformation information = _symbols.GetMethodDebugInformation(method);
            if (!information.Document.IsNil) yield return information.Document;
            else if (!information.SequencePointsBlob.IsNil)
                foreach (SequencePoint point in information.GetSequencePoints()) yield return point.Document;
        }

        foreach (CustomDebugInformationHandle handle in _symbols.GetCustomDebugInformation(type))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(handle);
            if (_symbols.GetGuid(information.Kind) != s_typeDefinitionDocuments) continue;
            BlobReader blob = _symbols.GetBlobReader(information.Value);
            while (blob.RemainingBytes > 0) yield return MetadataTokens.DocumentHandle(blob.ReadCompressedInteger());
        }
    }

    private void Place(TypeDefinitionHandle type, DocumentHandle document)
    {
        string path = _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');
        int start = path.LastIndexOf(_sourceFolder, StringComparison.Ordinal);
        if (start < 0) return;
        string folder = path[(start + _sourceFolder.Length)..].Split('/')[0];
        if (folder is "obj") return; // what a source generator adds to a partial class
        if (!_folders.TryAdd(type, folder) && _folders[type] != folder)
            throw new InvalidOperationException($"One type is written in both {_folders[type]} and {folder}: {path}");
    }
}
