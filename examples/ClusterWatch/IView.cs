// How a frame is shown.
namespace ClusterWatch;

internal interface IView : IDisposable
{
    /// <summary>Shows a moment; called twice a second.</summary>
    void Show(Frame frame);
}
