// A cursor as text: the fields one after the other, their checksum, in base64url.
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Scanning;

internal static class ScanCursorText
{
    private const byte Version = 1;

    internal static string Write(ScanState state)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(state.Mark);
        WriteSlots(writer, state.Covered);
        writer.Write(state.Pass is not null);
        if (state.Pass is { } pass)
        {
            writer.Write(pass.Member);
            writer.Write(pass.Process);
            writer.Write(pass.Term);
            WriteSlots(writer, pass.Slots);
            writer.Write(pass.Cursor);
            writer.Write(pass.IsThrough);
        }

        writer.Write(Crc16.Compute(bytes.ToArray()));
        return Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <summary>The state, or null when the text is not that of a cursor.</summary>
    internal static ScanState? TryRead(string text)
    {
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length <= sizeof(ushort) || BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(bytes.Length - sizeof(ushort))) != Crc16.Compute(bytes.AsSpan(0, bytes.Length - sizeof(ushort))))
                return null;
            using BinaryReader reader = new(new MemoryStream(bytes, 0, bytes.Length - sizeof(ushort)), Encoding.UTF8);
            if (reader.ReadByte() != Version) return null;
            ushort mark = reader.ReadUInt16();
            SlotSet covered = ReadSlots(reader);
            ScanPass? pass = reader.ReadBoolean()
                ? new(reader.ReadString(), reader.ReadString(), reader.ReadString(), ReadSlots(reader), reader.ReadUInt64(), reader.ReadBoolean())
                : null;
            return reader.BaseStream.Position == reader.BaseStream.Length ? new(mark, covered, pass) : null;
        }
        catch (Exception failure) when (failure is FormatException or IOException or ArgumentException)
        {
            return null;
        }
    }

    // Runs as gap and length, each a number of one or two bytes: three runs are some ten bytes.
    private static void WriteSlots(BinaryWriter writer, SlotSet slots)
    {
        SlotRange[] ranges = [.. slots.Ranges()];
        writer.Write7BitEncodedInt(ranges.Length);
        int end = 0;
        foreach (SlotRange range in ranges)
        {
            writer.Write7BitEncodedInt(range.First - end);
            writer.Write7BitEncodedInt(range.Count);
            end = range.Last + 1;
        }
    }

    private static SlotSet ReadSlots(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        if (count is < 0 or > HashSlot.Count) throw new FormatException("There are not so many slots.");
        List<SlotRange> ranges = new(count);
        int end = 0;
        for (int i = 0; i < count; i++)
        {
            int first = end + reader.Read7BitEncodedInt();
            end = first + reader.Read7BitEncodedInt();
            if (!SlotRange.IsValid(first, end - 1)) throw new FormatException("There is no such run of slots.");
            ranges.Add(new(first, end - 1));
        }

        return SlotSet.Of(ranges);
    }
}
