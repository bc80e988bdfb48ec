"""The Python client of Debian against a cluster: python-client.py KUBECONFIG NAMESPACE TOKEN. Ends with status 0 when all is well."""

import sys

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

kubeconfig, namespace, token = sys.argv[1:]
api = config.new_client_from_config(kubeconfig)
core = client.CoreV1Api(api)
apps = client.AppsV1Api(api)


def refused(status, call):
    """Asserts that a call is refused with this status, and returns the body of the answer."""
    try:
        call()
    except ApiException as error:
        assert error.status == status, error
        return error.body
    raise AssertionError(f"not refused with {status}")


def settings(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data=data)


def create_list_patch():
    core.create_namespaced_config_map(namespace, settings("python", color="green"))
    refused(409, lambda: core.create_namespaced_config_map(namespace, settings("python")))
    patched = core.patch_namespaced_config_map("python", namespace, {"data": {"shape": "round"}})
    assert patched.data == {"color": "green", "shape": "round"}, patched.data
    names = [item.metadata.name for item in core.list_namespaced_config_map(namespace).items]
    assert "python" in names, names
    assert "not found" in refused(404, lambda: core.read_namespaced_config_map("none", namespace))
    page = core.list_namespaced_config_map(namespace, limit=1)
    assert len(page.items) == 1 and page.metadata._continue, page.metadata


def roll_out():
    labels = {"app": "python"}
    container = client.V1Container(name="web", image="web:v1")
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])
    )
    spec = client.V1DeploymentSpec(
        replicas=1, selector=client.V1LabelSelector(match_labels=labels), template=template
    )
    body = client.V1Deployment(metadata=client.V1ObjectMeta(name="python"), spec=spec)
    apps.create_namespaced_deployment(namespace, body)
    for event in watch.Watch().stream(
        apps.list_namespaced_deployment, namespace, label_selector="", timeout_seconds=60
    ):
        if event["object"].status.available_replicas == 1:
            return
    raise AssertionError("the deployment did not become available")


def follow():
    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.patch_namespaced_config_map("python", namespace, {"data": {"color": "red"}})
    core.delete_namespaced_config_map("python", namespace)
    stream = watch.Watch().stream(
        core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=10
    )
    seen = []
    for event in stream:
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 2:
            break
    assert seen == [("MODIFIED", "python"), ("DELETED", "python")], seen


def use_token():
    own = client.Configuration()
    own.host = api.configuration.host
    own.ssl_ca_cert = api.configuration.ssl_ca_cert
    own.api_key = {"authorization": "Bearer " + token}
    robot = client.CoreV1Api(client.ApiClient(own))
    assert robot.list_namespaced_pod(namespace).items is not None
    body = refused(403, lambda: robot.list_namespaced_secret(namespace))
    assert "cannot list resource" in body, body


def discover():
    found = dynamic.DynamicClient(api).resources.get(api_version="apps/v1", kind="Deployment")
    assert found.get(namespace=namespace, name="python").spec.replicas == 1
    changed = found.patch(
        namespace=namespace,
        name="python",
        body={"spec": {"replicas": 0}},
        content_type="application/merge-patch+json",
    )
    assert changed.spec.replicas == 0
    found.delete(namespace=namespace, name="python")


for step in (create_list_patch, roll_out, follow, use_token, discover):
    step()
    print(step.__name__)
