// The command table: connection, server, cluster, scripting, pub/sub and transactions.
namespace ClusterClient.Protocol;

internal static class CommandTableServer
{
    // "read" here means: changes nothing, so it may be sent again. A keyless command goes to one node;
    // "any" marks those that every node answers equally well.
    internal const string Rows = """
        # Connection
        -          read,any          PING ECHO
        -          connection        AUTH HELLO QUIT RESET SELECT ASKING READONLY READWRITE
        -          container,write   CLIENT
        -          read              CLIENT: GETNAME GETREDIR ID INFO LIST TRACKINGINFO
        -          read,any          CLIENT: HELP
        -          write             CLIENT: KILL PAUSE UNPAUSE UNBLOCK
        -          connection        CLIENT: CACHING CAPA IMPORT-SOURCE NO-EVICT NO-TOUCH REPLY SETINFO SETNAME TRACKING

        # Transactions
        -          connection        MULTI EXEC DISCARD UNWATCH
        0..-1      connection        WATCH

        # Pub/sub
        -          write             PUBLISH
        0          write             SPUBLISH
        -          connection        SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE
        0..-1      connection        SSUBSCRIBE SUNSUBSCRIBE
        -          container,read    PUBSUB
        -          read              PUBSUB: CHANNELS NUMPAT NUMSUB SHARDCHANNELS SHARDNUMSUB
        -          read,any          PUBSUB: HELP

        # Scripting and functions
        2#1        write,script      EVAL EVALSHA FCALL
        2#1        read,script       EVAL_RO EVALSHA_RO FCALL_RO
        -          container,write   SCRIPT FUNCTION
        -          read              SCRIPT: EXISTS SHOW
        -          read,any          SCRIPT: HELP
        -          write,idempotent  SCRIPT: FLUSH LOAD
        -          write             SCRIPT: KILL
        -          connection        SCRIPT: DEBUG
        -          read              FUNCTION: DUMP LIST STATS
        -          read,any          FUNCTION: HELP
        -          write,idempotent  FUNCTION: FLUSH
        -          write             FUNCTION: DELETE KILL LOAD RESTORE

        # Cluster
        -          container,write   CLUSTER
        -          read,any          CLUSTER: HELP INFO KEYSLOT LINKS MYID MYSHARDID NODES REPLICAS SHARDS SLAVES SLOTS
        -          read              CLUSTER: COUNT-FAILURE-REPORTS COUNTKEYSINSLOT GETKEYSINSLOT GETSLOTMIGRATIONS SLOT-STATS
        -          write             CLUSTER: ADDSLOTS ADDSLOTSRANGE BUMPEPOCH CANCELSLOTMIGRATIONS DELSLOTS DELSLOTSRANGE FAILOVER
        -          write             CLUSTER: FLUSHSLOT FLUSHSLOTS FORGET MEET MIGRATESLOTS MIGRATION REPLICATE RESET SAVECONFIG
        -          write             CLUSTER: SET-CONFIG-EPOCH SETSLOT
        -          connection        CLUSTER: SYNCSLOTS

        # Replication and persistence
        -          read              ROLE LASTSAVE
        -          write             REPLICAOF SLAVEOF FAILOVER BGREWRITEAOF BGSAVE SAVE SHUTDOWN
        -          connection        PSYNC SYNC REPLCONF MONITOR
        -          blocking          WAIT WAITAOF

        # Server
        -          read              INFO LOLWUT
        -          read,any          TIME
        -          write,idempotent  FLUSHALL FLUSHDB
        -          write             SWAPDB DEBUG SFLUSH TRIMSLOTS
        -          container,write   ACL
        -          read,any          ACL: CAT GENPASS HELP
        -          read              ACL: DRYRUN GETUSER LIST USERS WHOAMI
        -          write             ACL: DELUSER LOAD LOG SAVE SETUSER
        -          container,read    COMMAND
        -          read,any          COMMAND: COUNT DOCS GETKEYS GETKEYSANDFLAGS HELP INFO LIST
        -          container,read    COMMANDLOG SLOWLOG
        -          read              COMMANDLOG: GET LEN
        -          read,any          COMMANDLOG: HELP
        -          write,idempotent  COMMANDLOG: RESET
        -          read              SLOWLOG: GET LEN
        -          read,any          SLOWLOG: HELP
        -          write,idempotent  SLOWLOG: RESET
        -          container,write   CONFIG
        -          read              CONFIG: GET
        -          read,any          CONFIG: HELP
        -          write,idempotent  CONFIG: RESETSTAT REWRITE SET
        -          container,write   HOTKEYS
        -          read              HOTKEYS: GET
        -          read,any          HOTKEYS: HELP
        -          write             HOTKEYS: RESET START STOP
        -          container,read    LATENCY
        -          read              LATENCY: DOCTOR GRAPH HISTOGRAM HISTORY LATEST
        -          read,any          LATENCY: HELP
        -          write             LATENCY: RESET
        ?          container,read    MEMORY
        -          read              MEMORY: DOCTOR MALLOC-STATS STATS
        -          read,any          MEMORY: HELP
        -          write,idempotent  MEMORY: PURGE
        0          read              MEMORY: USAGE
        -          container,write   MODULE
        -          read              MODULE: LIST
        -          read,any          MODULE: HELP
        -          write             MODULE: LOAD LOADEX UNLOAD

        # Sentinel (answered by sentinels only)
        -          container,write   SENTINEL
        -          read,any          SENTINEL: CKQUORUM GET-MASTER-ADDR-BY-NAME HELP INFO-CACHE IS-MASTER-DOWN-BY-ADDR
        -          read,any          SENTINEL: MASTER MASTERS MYID PENDING-SCRIPTS REPLICAS SENTINELS SLAVES
        -          write             SENTINEL: CONFIG DEBUG FAILOVER FLUSHCONFIG MONITOR REMOVE RESET SET SIMULATE-FAILURE
        """;
}
