// The command table: what Garnet has beside the others' commands.
namespace ClusterClient.Protocol;

internal static class CommandTableGarnet
{
    // Left out: what Garnet's nodes say to each other (CLUSTER APPENDLOG, GOSSIP, SEND_CKPT_METADATA…) and its sample procedures.
    internal const string Rows = """
        # Strings with an ETag
        0          read              GETWITHETAG GETIFNOTMATCH
        0          write             SETWITHETAG SETIFMATCH SETIFGREATER DELIFGREATER

        # Members of sorted sets that expire, and the collection of what has expired
        0          read              ZTTL ZPTTL ZEXPIRETIME ZPEXPIRETIME
        0          write             ZEXPIRE ZPEXPIRE ZEXPIREAT ZPEXPIREAT ZPERSIST ZCOLLECT HCOLLECT

        # Range indexes, vector sets, objects of extensions
        0          read              RI.CONFIG RI.EXISTS RI.GET RI.METRICS RI.RANGE RI.SCAN
        0          write             RI.CREATE RI.DEL RI.SET XVCREATE XVIMPORT
        0          read,cursor       COSCAN

        # Server
        -          connection        ASYNC
        0..-1      connection        WATCHMS WATCHOS
        ?          write             RUNTXP
        -          write,pinned      COMMITAOF EXPDELSCAN REGISTERCS SECONDARYOF
        -          write,pinned      MODULE: LOADCS
        -          read,pinned       CLUSTER: BANLIST ENDPOINT MTASKS MYPARENTID SLOTSTATE
        -          write,pinned      CLUSTER: DELKEYSINSLOT DELKEYSINSLOTRANGE FLUSHALL SETSLOTSRANGE
        """;
}
