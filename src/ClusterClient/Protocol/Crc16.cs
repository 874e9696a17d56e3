// CRC16/XMODEM (polynomial 0x1021, initial value 0): the checksum behind the cluster's hash slots.
namespace ClusterClient.Protocol;

internal static class Crc16
{
    private static readonly ushort[] s_table = BuildTable();

    internal static ushort Compute(ReadOnlySpan<byte> bytes)
    {
        ushort[] table = s_table;
        uint crc = 0;
        foreach (byte b in bytes)
        {
            crc = ((crc << 8) ^ table[(byte)((crc >> 8) ^ b)]) & 0xFFFF;
        }

        return (ushort)crc;
    }

    private static ushort[] BuildTable()
    {
        var table = new ushort[256];
        for (int i = 0; i < 256; i++)
        {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }

            table[i] = (ushort)crc;
        }

        return table;
    }
}
