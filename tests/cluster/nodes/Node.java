import java.util.ArrayList;
import java.util.List;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One OpenSearch node in a process of its own, on loopback: java Node FOLDER NUMBER HTTP_PORT TRANSPORT_PORT...
 *
 * <p>The transport ports are those of all nodes, NUMBER (from 1) says which is this one's. The node ends when its
 * standard input does, so it never outlives who started it, however that died.
 */
public class Node {
    public static void main(String[] arguments) throws Exception {
        String folder = arguments[0];
        int number = Integer.parseInt(arguments[1]);
        String http = arguments[2];
        List<String> addresses = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            addresses.add("127.0.0.1:" + arguments[i]);
            names.add("node-" + (i - 2));
        }
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((index, settings) -> {
            settings.put("discovery.type", "zen"); // the runner's default for one node is single-node
            settings.put("node.name", "node-" + number);
            settings.put("http.port", http);
            settings.put("transport.port", arguments[2 + number]);
            settings.putList("discovery.seed_hosts", addresses);
            settings.putList("cluster.initial_cluster_manager_nodes", names);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false"); // a full disk is no test's concern
            settings.put("node.processors", "2");
        });
        runner.setMaxHttpPort(-1); // the port as given
        runner.build("-basePath", folder, "-numOfNode", "1", "-clusterName", "vnsearch-tests",
                     "-baseHttpPort", String.valueOf(Integer.parseInt(http) - 1));
        System.out.println("up");
        while (System.in.read() >= 0) { }
        Runtime.getRuntime().halt(0); // a test's data need no orderly end
    }
}
