// A place where operations wait.
namespace ClusterClient.Connections;

/// <summary>A place where operations wait. It is told of those that are given up meanwhile, so that dead entries neither count nor pile up.</summary>
internal interface IOperationParking
{
    /// <summary>One of the operations waiting here was completed by its deadline or its canceller.</summary>
    /// <param name="size">The encoded length it was parked with.</param>
    void OnAbandoned(int size);

    /// <summary>Why those who wait here still do, if somebody knows; for the error of one whose time is over.</summary>
    Exception? Obstacle => null;
}
