// Which types of its own assembly a type uses: base types, signatures, constraints, attributes and the code of its methods.
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;

namespace ClusterClient.UnitTests.Quality;

internal sealed class TypeUses
{
    private readonly PEReader _assembly;
    private readonly MetadataReader _metadata;
    private readonly Dictionary<string, TypeDefinitionHandle> _byName = [];
    private readonly HashSet<TypeDefinitionHandle> _found = [];
    private readonly SignatureTypes _signatures;

    public TypeUses(PEReader assembly, MetadataReader metadata)
    {
        _assembly = assembly;
        _metadata = metadata;
        _signatures = new SignatureTypes(metadata, _found);
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(handle);
            _byName[$"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"] = handle;
        }
    }

    /// <summary>The types used by one type, not counting the types nested in it.</summary>
    public IReadOnlyCollection<TypeDefinitionHandle> Of(TypeDefinitionHandle handle)
    {
        _found.Clear();
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        Add(type.BaseType);
        foreach (InterfaceImplementationHandle item in type.GetInterfaceImplementations()) Add(_metadata.GetInterfaceImplementation(item).Interface);
        AddConstraints(type.GetGenericParameters());
        AddAttributes(type.GetCustomAttributes());
        foreach (FieldDefinitionHandle item in type.GetFields())
        {
            FieldDefinition field = _metadata.GetFieldDefinition(item);
            field.DecodeSignature(_signatures, null);
            AddAttributes(field.GetCustomAttributes());
        }

        foreach (PropertyDefinitionHandle item in type.GetProperties()) AddAttributes(_metadata.GetPropertyDefinition(item).GetCustomAttributes());
        foreach (EventDefinitionHandle item in type.GetEvents()) AddAttributes(_metadata.GetEventDefinition(item).GetCustomAttributes());
        foreach (MethodDefinitionHandle item in type.GetMethods()) AddMethod(_metadata.GetMethodDefinition(item));
        return [.. _found];
    }

    private void AddMethod(MethodDefinition method)
    {
        method.DecodeSignature(_signatures, null);
        AddConstraints(method.GetGenericParameters());
        AddAttributes(method.GetCustomAttributes());
        foreach (ParameterHandle item in method.GetParameters()) AddAttributes(_metadata.GetParameter(item).GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0) return;
        MethodBodyBlock body = _assembly.GetMethodBody(method.RelativeVirtualAddress);
        Add(body.LocalSignature);
        foreach (ExceptionRegion region in body.ExceptionRegions) Add(region.CatchType);
        foreach (EntityHandle token in IlTokens.Of(body)) Add(token);
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle item in parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in _metadata.GetGenericParameter(item).GetConstraints())
                Add(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    /// <summary>The attribute's own type, and every type it names (<c>typeof</c> is written as the type's full name).</summary>
    private void AddAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle item in attributes)
        {
            CustomAttribute attribute = _metadata.GetCustomAttribute(item);
            Add(attribute.Constructor);
            if (attribute.Value.IsNil) continue;
            string text = Encoding.UTF8.GetString(_metadata.GetBlobBytes(attribute.Value));
            foreach ((string name, TypeDefinitionHandle type) in _byName)
            {
                int at = text.IndexOf(name, StringComparison.Ordinal);
                bool whole = at >= 0 && (at + name.Length == text.Length || !(char.IsLetterOrDigit(text[at + name.Length]) || text[at + name.Length] is '.' or '_' or '`'));
                if (whole) _found.Add(type);
            }
        }
    }

    private void Add(EntityHandle handle)
    {
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                _found.Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_signatures, null);
                break;
            case HandleKind.StandaloneSignature:
                AddStandalone(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle));
                break;
            case HandleKind.MethodDefinition:
                Add(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                specification.DecodeSignature(_signatures, null);
                Add(specification.Method);
                break;
            case HandleKind.MemberReference:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(member.Parent);
                if (member.GetKind() == MemberReferenceKind.Method) member.DecodeMethodSignature(_signatures, null);
                else member.DecodeFieldSignature(_signatures, null);
                break;
        }
    }

    private void AddStandalone(StandaloneSignature signature)
    {
        if (signature.GetKind() == StandaloneSignatureKind.LocalVariables) signature.DecodeLocalSignature(_signatures, null);
        else signature.DecodeMethodSignature(_signatures, null);
    }
}
