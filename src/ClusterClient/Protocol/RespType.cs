// The RESP2 and RESP3 types, each with the byte that announces it on the wire.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.Protocol;

/// <summary>The type of a RESP element; the value is the byte that announces it on the wire.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "It is a byte on the wire.")]
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the specification's names.")]
public enum RespType : byte
{
    /// <summary>No element: the reader has not read yet or is at the end.</summary>
    None = 0,

    /// <summary><c>+OK</c>: a line of text.</summary>
    SimpleString = (byte)'+',

    /// <summary><c>-ERR …</c>: an error, one line.</summary>
    Error = (byte)'-',

    /// <summary><c>:5</c>: a signed 64-bit integer.</summary>
    Integer = (byte)':',

    /// <summary><c>$3</c>: bytes with a length before them. RESP2's null string <c>$-1</c> has this type and is null.</summary>
    BulkString = (byte)'$',

    /// <summary><c>*2</c>: an ordered list. RESP2's null array <c>*-1</c> has this type and is null.</summary>
    Array = (byte)'*',

    /// <summary><c>_</c>: RESP3's null.</summary>
    Null = (byte)'_',

    /// <summary><c>,1.5</c>: a floating point number, <c>inf</c>, <c>-inf</c> or <c>nan</c>.</summary>
    Double = (byte)',',

    /// <summary><c>#t</c> or <c>#f</c>.</summary>
    Boolean = (byte)'#',

    /// <summary><c>!21</c>: an error with a length before it.</summary>
    BlobError = (byte)'!',

    /// <summary><c>=15</c>: text with a three-letter format before it, such as <c>txt:</c> or <c>mkd:</c>.</summary>
    VerbatimString = (byte)'=',

    /// <summary><c>%2</c>: pairs of key and value.</summary>
    Map = (byte)'%',

    /// <summary><c>~2</c>: a list without order or repetition.</summary>
    Set = (byte)'~',

    /// <summary><c>|1</c>: pairs that annotate the element after them.</summary>
    Attribute = (byte)'|',

    /// <summary><c>&gt;2</c>: a message that answers no command.</summary>
    Push = (byte)'>',

    /// <summary><c>(123…</c>: an integer of any size.</summary>
    BigNumber = (byte)'(',
}
