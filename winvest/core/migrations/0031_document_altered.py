"""ADV and IT are told of a file that changed or is gone (B.7-03)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0030_communication'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notification',
            name='notification_kind_known',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('approval_asked', 'Approbation demandée'), ('approval_given', 'Approbation donnée'), ('approval_refused', 'Approbation refusée'), ('version_released', 'Version mise en production'), ('publication_planned', 'Publication planifiée'), ('publication_late', 'Publication en retard'), ('sale_agreement', 'Accord de vente'), ('communication', 'Communication à faire'), ('lifecycle_planned', 'Changement de statut planifié'), ('product_frozen', 'Vente gelée'), ('product_retired', 'Produit retiré'), ('document_missing', 'Document manquant'), ('document_expiring', 'Document expirant'), ('document_altered', 'Document altéré'), ('integration_failed', "Erreur d'intégration")], max_length=24, verbose_name='nature'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['approval_asked', 'approval_given', 'approval_refused', 'version_released', 'publication_planned', 'publication_late', 'sale_agreement', 'communication', 'lifecycle_planned', 'product_frozen', 'product_retired', 'document_missing', 'document_expiring', 'document_altered', 'integration_failed'])), name='notification_kind_known', violation_error_message="Cette valeur n'est pas dans la liste."),
        ),
    ]
