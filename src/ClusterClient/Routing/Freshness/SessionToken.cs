// A session's points as text that fits a cookie or a header.
using System.Buffers.Text;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// Version, then for each point: whether only masters may answer, history, offset, and slot ranges. It holds no keys and no addresses. It is not
/// signed: who changes one can only make his own reads older.
/// </summary>
internal static class SessionToken
{
    private const byte Version = 1;
    private const int MaxLength = 1024 * 1024;

    /// <summary>So many in all points together: each slot may stand in a few of them, of earlier masters.</summary>
    private const int MaxSlots = 4 * HashSlot.Count;

    internal static string Write(SessionPoint[] points)
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write7BitEncodedInt(points.Length);
            foreach (SessionPoint point in points)
            {
                writer.Write(point.IsMasterOnly);
                writer.Write(point.Point.Id);
                writer.Write7BitEncodedInt64(point.Point.Offset);
                writer.Write7BitEncodedInt(point.Slots.Ranges.Length);
                foreach ((int first, int last) in point.Slots.Ranges)
                {
                    writer.Write7BitEncodedInt(first);
                    writer.Write7BitEncodedInt(last - first);
                }
            }
        }

        return Base64Url.EncodeToString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <exception cref="ArgumentException">It is no token, or one of a later version.</exception>
    internal static SessionPoint[] Read(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length > MaxLength) throw Bad("it is too long");
        try
        {
            using BinaryReader reader = new(new MemoryStream(Base64Url.DecodeFromChars(token)), Encoding.UTF8);
            byte version = reader.ReadByte();
            if (version != Version) throw Bad($"it is of version {version}, and this library reads version {Version}");
            SessionPoint[] points = new SessionPoint[Checked(reader.Read7BitEncodedInt(), HashSlot.Count)];
            int slots = 0;
            for (int i = 0; i < points.Length; i++) points[i] = ReadPoint(reader, ref slots);
            return reader.BaseStream.Position == reader.BaseStream.Length ? points : throw Bad("it is longer than it should be");
        }
        catch (Exception failure) when (failure is FormatException or IOException or DecoderFallbackException)
        {
            throw Bad("it is cut off or changed");
        }
    }

    private static SessionPoint ReadPoint(BinaryReader reader, ref int total)
    {
        bool isMasterOnly = reader.ReadBoolean();
        FreshPoint point = new(reader.ReadString(), reader.Read7BitEncodedInt64());
        List<int> slots = [];
        for (int left = Checked(reader.Read7BitEncodedInt(), HashSlot.Count); left > 0; left--)
        {
            int first = Checked(reader.Read7BitEncodedInt(), HashSlot.Count - 1);
            int length = Checked(reader.Read7BitEncodedInt(), HashSlot.Count - 1 - first);
            if ((total += length + 1) > MaxSlots) throw new FormatException(); // It is anybody's text: it must not cost more than it is worth.
            slots.AddRange(Enumerable.Range(first, length + 1));
        }

        return new SessionPoint(point, isMasterOnly, TokenSlots.Of(slots));
    }

    private static int Checked(int number, int most) => number >= 0 && number <= most ? number : throw new FormatException();

    private static ArgumentException Bad(string why) => new($"This is not the token of a session: {why}. Give the text that GetTokenAsync returned, unchanged.");
}
