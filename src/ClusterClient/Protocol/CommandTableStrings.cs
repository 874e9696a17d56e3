// The command table: strings, bitmaps, HyperLogLog and the keys of any type.
namespace ClusterClient.Protocol;

internal static class CommandTableStrings
{
    // SET, GETSET and their like are writes without "idempotent": with NX, GET or IFEQ the second run answers something else.
    // TOUCH changes no data, but what it changes (the access clock that eviction reads) counts on the master alone.
    internal const string Rows = """
        # Strings
        0          read              GET GETRANGE SUBSTR STRLEN DIGEST
        0..1       read              LCS
        0..-1      read,split        MGET
        0          write             SET SETEX PSETEX SETNX GETSET GETDEL GETEX APPEND DELEX DELIFEQ
        0          write             INCR INCRBY INCRBYFLOAT DECR DECRBY INCREX
        0          write,idempotent  SETRANGE
        0..-1/2    write,idempotent,split MSET
        0..-1/2    write             MSETNX
        1#0/2      write             MSETEX

        # Bitmaps
        0          read              GETBIT BITCOUNT BITPOS BITFIELD_RO
        0          write             SETBIT BITFIELD
        1..-1      write             BITOP

        # HyperLogLog
        0          write             PFADD
        0..-1      read              PFCOUNT
        0..-1      write,idempotent  PFMERGE
        -          read,master       PFSELFTEST
        1          write             PFDEBUG

        # Keys of any type
        0..-1      read,split        EXISTS
        0..-1      write,idempotent,split TOUCH
        0..-1      write,split       DEL UNLINK
        0          read              TYPE TTL PTTL EXPIRETIME PEXPIRETIME DUMP
        0          write             EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST RESTORE RESTORE-ASKING MOVE
        0..1       write             COPY RENAME RENAMENX
        0,STORE    write             SORT
        0          read              SORT_RO
        2,KEYS     write             MIGRATE
        ?          container,read    OBJECT
        0          read              OBJECT: ENCODING FREQ IDLETIME REFCOUNT
        -          read,any          OBJECT: HELP
        -          read,keyspace=sum DBSIZE
        -          read,keyspace=union KEYS
        -          read,keyspace=pick RANDOMKEY
        -          read,cursor,pinned SCAN
        0          read              CLUSTERSCAN
        """;
}
